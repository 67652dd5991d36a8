import { formatCheckpointBody } from '@assay/core/log/checkpoint.ts';
import { encodeCosignature } from '@assay/core/log/cosignature.ts';
import { COSIGNATURE_TYPE, ED25519_TYPE, formatNote, keyId } from '@assay/core/log/note.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { cosignerName } from '@assay/core/records/authority-set.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { hashBytes } from '../consensus/block.ts';
import type { SignedTreeHead, TreeHead } from '../consensus/cosignature.ts';

/** Who publishes a checkpoint: its key signs the plain log line. */
export interface Publisher {
  readonly trust: NetworkTrust;
  readonly me: number;
  signLog(message: Uint8Array): Uint8Array;
}

/**
 * A C2SP checkpoint: the tree head, a plain signature under the log's name, so that public witnesses accept it too, and one
 * cosignature line for each of `cosignatures`, in the order of the authority set.
 */
export function checkpointNote(
  { trust, me, signLog }: Publisher,
  { size, root }: TreeHead,
  cosignatures: readonly SignedTreeHead[],
): Uint8Array {
  const { origin } = trust.genesis;
  const { authorities } = trust.current;
  const body = formatCheckpointBody({ origin, size, root: hashBytes(root), extensions: [] });
  const logKey = authorities[me]?.logKey ?? new Uint8Array(0);
  const logLine = {
    name: origin,
    keyId: keyId(origin, ED25519_TYPE, logKey),
    signature: signLog(utf8(body)),
  };
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
