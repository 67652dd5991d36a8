import type { TrickName } from '../plan.ts';
import type { Draft } from './draft.ts';

/** Lost, doubled, late messages; some of it all the time, some in spans. */
export function addBadNetwork(draft: Draft, worst: number): void {
  const whole = { from: 0, to: draft.storm };
  draft.add({ kind: 'late', ...whole, rate: 0.2 + draft.pick(10) / 8 });
  draft.add({ kind: 'loss', ...whole, rate: (draft.pick(10) / 10) * worst });
  if (draft.chance(0.5)) draft.add({ kind: 'duplicates', ...draft.span(), rate: 0.1 });
  if (draft.chance(0.3)) draft.add({ kind: 'heavy-tail', ...draft.span(), rate: 1 });
  if (draft.chance(0.3)) draft.add({ kind: 'loss', ...draft.span(1_000), rate: 2 * worst });
}

/** Partitions of all shapes, moving every fraction of a second up to seconds. */
export function addPartitions(draft: Draft, most: number): void {
  for (let times = 1 + draft.pick(most); times > 0; times--) {
    const span = draft.span(draft.oneOf(300, 1_000, 3_000));
    const all = draft.everyone();
    const island = draft.half();
    const others = all.filter((index) => !island.includes(index));
    const shape = draft.oneOf('half', 'bridge', 'ring', 'isolated', 'one-way');
    if (shape === 'half') draft.add({ kind: 'partition', ...span, groups: [island, others] });
    else if (shape === 'bridge') {
      const bridge = draft.pick(draft.count);
      draft.add({
        kind: 'partition',
        ...span,
        groups: [
          [...island, bridge],
          [...others, bridge],
        ],
      });
    } else if (shape === 'ring') {
      const groups = all.map((index) => [index, (index + 1) % draft.count]);
      draft.add({ kind: 'partition', ...span, groups });
    } else if (shape === 'isolated') {
      const alone = draft.pick(draft.count);
      draft.add({ kind: 'partition', ...span, groups: [[alone], all.filter((index) => index !== alone)] });
    } else {
      const sender = draft.pick(draft.count);
      for (const receiver of draft.half()) draft.add({ kind: 'one-way', ...span, sender, receiver });
    }
  }
}

/** Crashes at any moment and around any commit, of one process or of all at once. */
export function addCrashes(draft: Draft, most: number): void {
  // Where commits take long, crashes find more of them unfinished.
  for (const process of draft.half())
    draft.add({ kind: 'slow-disk', process, delay: 20 + draft.pick(200), ...draft.span() });
  for (let times = 1 + draft.pick(most); times > 0; times--) {
    const process = draft.pick(draft.count);
    const unsynced = draft.oneOf('lost', 'kept', 'torn');
    if (draft.chance(0.15)) {
      const span = draft.span(500);
      for (const each of draft.everyone()) draft.add({ kind: 'crash', process: each, unsynced, ...span });
    } else if (draft.chance(0.5)) {
      const side = draft.oneOf('before', 'after');
      const commit = 1 + draft.pick(40);
      draft.add({ kind: 'crash-at-commit', process, commit, side, down: draft.pick(2_000) });
    } else draft.add({ kind: 'crash', process, unsynced, ...draft.span(1_500) });
  }
}

/** Disks that are slow, fail, forget or go back in time; the last three at f authorities at most. */
export function addBadDisks(draft: Draft): void {
  if (draft.chance(0.5))
    draft.add({
      kind: 'slow-disk',
      process: draft.pick(draft.count),
      delay: 50 + draft.pick(400),
      ...draft.span(),
    });
  const process = draft.victim();
  if (process === undefined) return;
  const kind = draft.oneOf('failing-disk', 'flipped-byte', 'old-copy');
  const span = draft.span(1_000);
  if (kind === 'failing-disk') draft.add({ kind, process, at: draft.moment() });
  else if (kind === 'flipped-byte') draft.add({ kind, process, ...span });
  else draft.add({ kind, process, ...span, copied: span.from * (draft.pick(10) / 10) });
}

/** Clocks that are a little off at all, and badly wrong at f of them. */
export function addBadClocks(draft: Draft): void {
  for (const process of draft.everyone())
    draft.add({ kind: 'clock-jump', process, at: 0, by: draft.pick(6_000) - 3_000 });
  const process = draft.victim();
  if (process === undefined) return;
  const by = draft.oneOf(3_600_000, -3_600_000, 30_000, -30_000);
  draft.add({ kind: 'clock-jump', process, at: draft.moment(), by });
  if (draft.chance(0.4)) draft.add({ kind: 'clock-jump', process, at: draft.moment(), by: -by });
  if (draft.chance(0.4)) draft.add({ kind: 'frozen-clock', process, ...draft.span() });
}

/** f byzantine authorities, each with some tricks; most of them fork. */
export function addByzantine(draft: Draft): void {
  const all: readonly TrickName[] = [
    'fork-every-parent',
    'vote-for-everything',
    'withhold',
    'select-receivers',
    'replay',
    'make-invalid',
  ];
  for (let left = draft.most; left > 0; left--) {
    const tricks = all.filter((_, at) => draft.chance(at < 2 ? 0.8 : 0.35));
    draft.byzantine(...(tricks.length > 0 ? tricks : ['fork-every-parent' as const]));
  }
}

/** Two to four changes of the set, one joining or leaving at a time, sometimes two asked for at once; some new members are cut off. */
export function addSetChanges(draft: Draft): void {
  const leaving = draft.pick(draft.count);
  const first = draft.count;
  draft.candidates = 2;
  const at = () => draft.moment() * 0.6;
  draft.changes.push({ at: at(), joining: [first], leaving: [] });
  draft.changes.push({ at: at(), joining: [], leaving: [leaving] });
  if (draft.chance(0.5)) draft.changes.push({ at: at(), joining: [first + 1], leaving: [] });
  if (draft.chance(0.3)) {
    const span = draft.span(3_000);
    draft.add({ kind: 'partition', ...span, groups: [[first], draft.everyone()] });
  }
  if (draft.chance(0.3))
    draft.add({
      kind: 'crash',
      process: draft.pick(draft.count),
      unsynced: 'lost',
      from: 100,
      to: draft.storm,
    });
}
