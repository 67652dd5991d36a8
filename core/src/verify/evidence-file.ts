import { fromBase64, toBase64 } from '../encoding/base64.ts';
import { equalBytes, fromUtf8, utf8 } from '../encoding/bytes.ts';
import {
  arrayOf,
  int,
  literal,
  optional,
  shape,
  text,
  type ReadBy,
  type Reader,
} from '../encoding/cbor-shape.ts';
import { toHex } from '../encoding/hex.ts';
import type { AssayError } from '../errors/assay-error.ts';
import { fail, ok, unwrap, type Result } from '../errors/result.ts';
import { parseJson } from '../archive/canonical-json.ts';
import { MAX_ARTIFACT_NAME_BYTES, MAX_TIME } from '../records/limits.ts';
import { decodeHandoffLink, encodeHandoffLink, type HandoffLink } from '../records/handoff.ts';
import { claimedTrust } from '../records/trust-chain.ts';
import { MAX_PURL_LENGTH } from '../records/purl.ts';
import type { NetworkTrust } from '../records/types.ts';
import { lookupToText, readLookupText } from './lookup-text.ts';
import type { CommonHistory, Evidence } from './types.ts';

const FORMAT = 'assay-evidence/1';

/** Largest evidence file that is read: a checkpoint, proofs and 100 attestations stay below 1 MiB. */
export const MAX_EVIDENCE_FILE_BYTES = 8 * 1024 * 1024;

/** A tree of 2^53 entries is no higher; a consistency proof has at most two hashes per level. */
const MAX_PROOF_HASHES = 2 * 53;
/** Links from genesis to the epoch of the checkpoint, one to an epoch; the size of the file bounds their bytes. */
const MAX_HANDOFFS = 4096;
/** Conflicts are kept one at a time; the room is for reports put together by hand. */
const MAX_CONFLICTS = 8;

const base64: Reader<Uint8Array> = (value, path) => {
  const encoded = text({ maxBytes: MAX_EVIDENCE_FILE_BYTES })(value, path);
  return encoded.ok ? fromBase64(encoded.value) : encoded;
};
const hashes = arrayOf(base64, { max: MAX_PROOF_HASHES });
/** Both come to be shown to people, on terminals too: nothing in them may break a line or pose as something else. */
const SHOWABLE = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u;
const count = int({ min: 0 });
const note = text({ maxBytes: MAX_EVIDENCE_FILE_BYTES });

const readFile = shape({
  format: literal(FORMAT),
  exportedAt: int({ min: 0, max: MAX_TIME }),
  network: shape({
    id: text({ maxBytes: 64 }),
    genesis: base64,
    handoffs: optional(arrayOf(base64, { max: MAX_HANDOFFS })),
  }),
  purl: text({ maxBytes: MAX_PURL_LENGTH, pattern: SHOWABLE }),
  artifact: optional(text({ maxBytes: MAX_ARTIFACT_NAME_BYTES, pattern: SHOWABLE })),
  entry: optional(shape({ index: count, bytes: base64 })),
  inclusion: optional(hashes),
  lookup: optional(readLookupText),
  checkpoint: optional(note),
  previous: optional(shape({ size: count, root: base64, consistency: hashes })),
  agreement: optional(base64),
  conflicts: optional(
    arrayOf(
      shape({
        checkpoint: note,
        root: base64,
        consistency: hashes,
        common: optional(shape({ size: count, root: base64, ours: hashes, theirs: hashes })),
      }),
      { max: MAX_CONFLICTS },
    ),
  ),
});

type EvidenceFile = ReadBy<typeof readFile>;

/**
 * Writes evidence as one JSON file (`assay-evidence/1`) that can be checked again anywhere, offline. The file under test is not
 * in it, and neither is an absence that rests on a whole replay, which no file can show; one that the map of packages proves is.
 * `exportedAt` is in unix seconds.
 */
export function formatEvidenceFile(
  evidence: Evidence,
  { exportedAt }: { readonly exportedAt: number },
): string {
  const { trust, entry, inclusion, lookup, checkpoint, previous, agreement, conflicts } = evidence;
  const file = {
    format: FORMAT,
    exportedAt,
    network: {
      id: toHex(trust.networkId),
      genesis: toBase64(trust.genesisBytes),
      ...(trust.links.length > 0 && {
        handoffs: trust.links.map((link) => toBase64(encodeHandoffLink(link))),
      }),
    },
    purl: evidence.purl,
    artifact: evidence.artifact?.name,
    entry: entry && { index: entry.index, bytes: toBase64(entry.bytes) },
    inclusion: inclusion?.map(toBase64),
    lookup: lookup && lookupToText(lookup),
    checkpoint: checkpoint && unwrap(fromUtf8(checkpoint)),
    previous: previous && { ...previous, ...headText(previous) },
    agreement: agreement && toBase64(agreement),
    conflicts: conflicts?.map((conflict) => ({
      checkpoint: unwrap(fromUtf8(conflict.checkpoint)),
      ...headText(conflict),
      common: conflict.common && commonText(conflict.common),
    })),
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/**
 * Reads an evidence file. Nothing in it is judged: that is `verify`'s business, against `expected` where the reader knows the
 * network and against the genesis inside the file else. Fails with `E_EVIDENCE_FILE`, whose cause says where, or `E_EVIDENCE_NETWORK`.
 * Total.
 */
export function parseEvidenceFile(json: string, expected?: NetworkTrust): Result<Evidence> {
  if (json.length > MAX_EVIDENCE_FILE_BYTES) return refused(`more than ${MAX_EVIDENCE_FILE_BYTES} bytes`);
  const value = parseJson(json);
  if (!value.ok) return refusedFor(value.error);
  const file = readFile(value.value, '$');
  if (!file.ok) return refusedFor(file.error);
  const trust = readTrust(file.value.network);
  if (!trust.ok) return refusedFor(trust.error);
  const id = toHex(trust.value.networkId);
  if (id !== file.value.network.id) return refused('its network id is not that of its genesis record');
  if (expected !== undefined && !equalBytes(expected.networkId, trust.value.networkId)) {
    return fail('E_EVIDENCE_NETWORK', { found: id, expected: toHex(expected.networkId) });
  }
  const isOther = expected?.sets.some(({ setHash }, index) => {
    const claimed = trust.value.sets[index];
    return claimed !== undefined && !equalBytes(claimed.setHash, setHash);
  });
  if (isOther === true) return refused('its hand-offs lead to other authorities than those known here');
  return ok(evidenceOf(file.value, trust.value));
}

function readTrust({ genesis, handoffs = [] }: EvidenceFile['network']): Result<NetworkTrust> {
  const links: HandoffLink[] = [];
  for (const bytes of handoffs) {
    const link = decodeHandoffLink(bytes);
    if (!link.ok) return link;
    links.push(link.value);
  }
  return claimedTrust(genesis, links);
}

function evidenceOf(file: EvidenceFile, trust: NetworkTrust): Evidence {
  const { purl, artifact, entry, inclusion, lookup, checkpoint, previous, agreement, conflicts } = file;
  return {
    trust,
    purl,
    ...(artifact === undefined ? {} : { artifact: { name: artifact, content: { kind: 'absent' } } }),
    ...(entry === undefined ? {} : { entry }),
    ...(inclusion === undefined ? {} : { inclusion }),
    ...(lookup === undefined ? {} : { lookup }),
    ...(checkpoint === undefined ? {} : { checkpoint: utf8(checkpoint) }),
    ...(previous === undefined ? {} : { previous }),
    ...(agreement === undefined ? {} : { agreement }),
    ...(conflicts === undefined
      ? {}
      : {
          conflicts: conflicts.map(({ common, ...one }) => ({
            ...one,
            checkpoint: utf8(one.checkpoint),
            ...(common && { common }),
          })),
        }),
  };
}

function commonText({ size, root, ours, theirs }: CommonHistory) {
  return { size, root: toBase64(root), ours: ours.map(toBase64), theirs: theirs.map(toBase64) };
}

function headText({
  root,
  consistency,
}: {
  readonly root: Uint8Array;
  readonly consistency: readonly Uint8Array[];
}) {
  return { root: toBase64(root), consistency: consistency.map(toBase64) };
}

function refused(reason: string, cause?: AssayError): Result<never> {
  return fail('E_EVIDENCE_FILE', { reason }, cause);
}

/** What is wrong with a part is the reason why the whole cannot be used. */
function refusedFor(cause: AssayError): Result<never> {
  return refused(cause.message.replace(/\.$/, ''), cause);
}
