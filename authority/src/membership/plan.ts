import { toHex } from '@assay/core/encoding/hex.ts';
import { candidateDigest, type Candidate } from '@assay/core/records/candidate.ts';
import type { EpochContext } from '@assay/core/records/epoch-context.ts';
import {
  changeDigest,
  setChangeOf,
  sortChanges,
  type Acceptance,
  type Change,
} from '@assay/core/records/membership.ts';
import { flawOfChanges } from '@assay/core/records/next-set.ts';

/** One part of a change that operators think about: nobody has accepted anything yet. */
export type PlannedChange =
  | { readonly kind: 'add'; readonly candidate: Candidate }
  | { readonly kind: 'remove'; readonly name: string };

/** A change of the authority set as it is spoken about before it is a transaction. */
export type Plan = readonly PlannedChange[];

const NOT_ACCEPTED: Acceptance = {
  epoch: 0,
  size: 0,
  root: new Uint8Array(32),
  signature: new Uint8Array(64),
};

/** What names a plan: the digest that ballots are about, 32 bytes. */
export function planDigest(plan: Plan): Uint8Array {
  return changeDigest(changesOf(plan, () => NOT_ACCEPTED) ?? []);
}

/** A candidate's name among candidates: the digest of what it stands for, in hex. */
export function candidateId(candidate: Candidate): string {
  return toHex(candidateDigest(candidate));
}

/** The changes of a plan with the candidates' acceptances; undefined while one has not accepted. */
export function changesOf(
  plan: Plan,
  acceptanceOf: (candidate: Candidate) => Acceptance | undefined,
): readonly Change[] | undefined {
  const changes: Change[] = [];
  for (const part of plan) {
    if (part.kind === 'remove') {
      changes.push(part);
      continue;
    }
    const acceptance = acceptanceOf(part.candidate);
    if (acceptance === undefined) return undefined;
    changes.push({ ...part, acceptance });
  }
  return sortChanges(changes);
}

/** Why a plan cannot be made in this epoch; undefined when it can. */
export function flawOfPlan(
  plan: Plan,
  { set, trust }: Pick<EpochContext, 'set' | 'trust'>,
): string | undefined {
  const changes = changesOf(plan, () => NOT_ACCEPTED) ?? [];
  return flawOfChanges(set, changes.map(setChangeOf), trust.sets.slice(0, set.epoch - 1));
}
