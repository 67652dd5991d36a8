import { toHex } from '@assay/core/encoding/hex.ts';
import type { Era } from '../era.ts';
import type { Amnesia } from '../state.ts';

/** Rule W: a key with which votes may have been forgotten never votes again; another one may. */
export function forbids({ keys }: Amnesia, voteKey: string | undefined): boolean {
  return keys === undefined || voteKey === undefined || keys.includes(voteKey);
}

/** The vote key of this authority in an era, in hexadecimal; undefined when it only follows. */
export function ownVoteKey({ me, voteKeys }: Era): string | undefined {
  const key = me === undefined ? undefined : voteKeys[me];
  return key === undefined ? undefined : toHex(key);
}
