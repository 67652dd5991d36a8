import type { Plan } from './plan.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

/** Rules that a fork breaks by itself; what is left must hold even then. */
const BROKEN_BY_FORKS = new Set(['I5', 'I6', 'I7', 'I8', 'I10', 'I11', 'I12', 'I17', 'I20']);

/** Of the violations of a run beyond the model those that are not the fork itself. */
export function withoutFork(violations: readonly string[]): string[] {
  return violations.filter((violation) => !BROKEN_BY_FORKS.has(/^\w+/.exec(violation)?.[0] ?? ''));
}

/**
 * After more than f authorities ran twice and everybody hears everybody again: if honest authorities hold two logs, the
 * checkpoints they published convict at least f + 1, and evidence that authorities keep names nobody honest.
 */
export function judgeFork(world: World, { count, faults }: Plan): string[] {
  const twins = new Set(faults.flatMap((fault) => (fault.kind === 'twin' ? [fault.authority] : [])));
  const most = Math.floor((count - 1) / 3);
  const [one, other] = forkedPair(world);
  if (one === undefined || other === undefined) return [];
  world.coverage.note('fork');
  const accused = new Set(
    world.honest.flatMap(({ state }) => [...state.evidence.values()].map(({ first }) => first.signer)),
  );
  if (accused.size > most) world.coverage.note('fork named by evidence');
  const convicted = doubleSigners(world, one, other);
  const found: string[] = [];
  if (convicted.length <= most)
    found.push(`R14: two checkpoints in conflict convict only ${convicted.length}`);
  if ([...accused, ...convicted].some((name) => !twins.has(name)))
    found.push('I16: a fork, and somebody honest is accused');
  return found;
}

/** Two honest processes, the longer log first, the newest head of the second of which is none of the first. */
function forkedPair({ honest }: World): readonly Process[] {
  const sizeOf = (process: Process) => process.state.final.ledger.size;
  const byLength = honest.toSorted((a, b) => sizeOf(b) - sizeOf(a));
  const [longest] = byLength;
  const other = byLength.find(({ disk }) =>
    [...disk.logHeads].some((head) => longest?.disk.logHeads.has(head) === false),
  );
  return longest === undefined || other === undefined ? [] : [longest, other];
}

/** Who cosigned a published checkpoint of the one log and one of the other that is not consistent with it. */
function doubleSigners(world: World, one: Process, other: Process): number[] {
  const signersOf = (mine: Process, theirs: Process): Set<number> => {
    const own = world.monitor.checkpoints.filter(({ head: { size, root } }) => {
      const head = `${size} ${root}`;
      return mine.disk.logHeads.has(head) && !theirs.disk.logHeads.has(head);
    });
    return new Set(own.flatMap(({ cosignatures }) => cosignatures.map((one) => one.signer)));
  };
  const ofOther = signersOf(other, one);
  return [...signersOf(one, other)].filter((signer) => ofOther.has(signer));
}
