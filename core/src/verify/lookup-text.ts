import { fromBase64, toBase64 } from '../encoding/base64.ts';
import { arrayOf, int, literal, optional, shape, text, type Reader } from '../encoding/cbor-shape.ts';
import { MAX_PROOF_HASHES } from '../log/proof.ts';
import { MAX_ENTRY_BYTES } from '../log/tile.ts';
import { MAX_TRIE_STEPS } from '../log/trie-proof.ts';
import { MAX_LOOKUP_EVENTS } from '../lookup/bundle.ts';
import type { LookupEvidence } from './types.ts';

const MAX_VERSION_BYTES = 256;

const base64 =
  (maxBytes: number): Reader<Uint8Array> =>
  (value, path) => {
    const encoded = text({ maxBytes: 4 * Math.ceil(maxBytes / 3) })(value, path);
    return encoded.ok ? fromBase64(encoded.value) : encoded;
  };
const hash = base64(32);
const leaf = shape({ key: hash, value: hash });
const step = shape({ depth: int({ min: 0, max: MAX_TRIE_STEPS - 1 }), hash });
const event = shape({
  index: int({ min: 0 }),
  kind: literal('artifact-add'),
  version: text({ maxBytes: MAX_VERSION_BYTES, pattern: /^[\x20-\x7e]*$/ }),
  leafHash: hash,
});

/** Reads the part of an evidence file that holds what the map of packages says. Nothing in it is judged. */
export const readLookupText: Reader<LookupEvidence> = shape({
  state: base64(MAX_ENTRY_BYTES),
  edge: arrayOf(hash, { max: MAX_PROOF_HASHES }),
  steps: arrayOf(step, { max: MAX_TRIE_STEPS }),
  leaf: optional(leaf),
  events: arrayOf(event, { max: MAX_LOOKUP_EVENTS }),
});

/** That part as JSON takes it, bytes in base64. */
export function lookupToText({ state, edge, steps, leaf: ending, events }: LookupEvidence) {
  return {
    state: toBase64(state),
    edge: edge.map(toBase64),
    steps: steps.map(({ depth, hash: side }) => ({ depth, hash: toBase64(side) })),
    leaf: ending && { key: toBase64(ending.key), value: toBase64(ending.value) },
    events: events.map((one) => ({ ...one, leafHash: toBase64(one.leafHash) })),
  };
}
