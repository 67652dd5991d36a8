import { formatCheckpointBody } from '@assay/core/log/checkpoint.ts';
import { encodeCosignature } from '@assay/core/log/cosignature.ts';
import { COSIGNATURE_TYPE, ED25519_TYPE, formatNote, keyId } from '@assay/core/log/note.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { cosignerName, type AuthoritySet } from '@assay/core/records/authority-set.ts';
import { hashBytes } from '../consensus/block.ts';
import type { SignedTreeHead, TreeHead } from '../consensus/cosignature.ts';

/** Who publishes a checkpoint: its key signs the plain log line. */
export interface Publisher {
  readonly origin: string;
  readonly name: string;
  /** The authority set of an epoch. */
  setOf(epoch: number): AuthoritySet | undefined;
  /** Undefined when the key is not held. */
  signLog(publicKey: Uint8Array, message: Uint8Array): Uint8Array | undefined;
}

/**
 * A C2SP checkpoint: the tree head, a plain signature under the log's name, so that public witnesses accept it too, and one
 * cosignature line for each of `cosignatures`, in the order of the set of `epoch`. Undefined when this authority is not in that set.
 */
export function checkpointNote(
  { origin, name: ownName, setOf, signLog }: Publisher,
  epoch: number,
  { size, root }: TreeHead,
  cosignatures: readonly SignedTreeHead[],
): Uint8Array | undefined {
  const authorities = setOf(epoch)?.authorities ?? [];
  const logKey = authorities.find((authority) => authority.name === ownName)?.logKey;
  const body = formatCheckpointBody({ origin, size, root: hashBytes(root), extensions: [] });
  const logSignature = logKey && signLog(logKey, utf8(body));
  if (logKey === undefined || logSignature === undefined) return undefined;
  const logLine = { name: origin, keyId: keyId(origin, ED25519_TYPE, logKey), signature: logSignature };
  const lines = cosignatures
    .toSorted((a, b) => a.signer - b.signer)
    .flatMap(({ signer, time, signature }) => {
      const authority = authorities[signer];
      if (authority === undefined) return [];
      const name = cosignerName(origin, authority.name);
      const id = keyId(name, COSIGNATURE_TYPE, authority.cosignKey);
      return [{ name, keyId: id, signature: encodeCosignature(time, signature) }];
    });
  return formatNote(body, [logLine, ...lines]);
}
