import type { Fault } from './plan.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

/** Arranges for one fault to happen in its time; byzantine and silent authorities are the caller's. */
export function inflict(world: World, fault: Exclude<Fault, { kind: 'byzantine' | 'silent' }>): void {
  switch (fault.kind) {
    case 'loss':
    case 'duplicates':
    case 'late':
    case 'heavy-tail':
    case 'partition':
    case 'one-way':
      world.after(fault.from, () => world.network.begin(fault));
      return world.after(fault.to, () => world.network.end(fault));
    case 'twin':
      world.coverage.note('twin ran');
      return fault.hearsAll === true ? undefined : separateTwins(world, fault.authority);
    default:
      return onProcess(world, fault);
  }
}

type ProcessFault = Extract<Fault, { process: number }>;

function onProcess(world: World, fault: ProcessFault): void {
  const process = world.processes[fault.process];
  if (process === undefined) return;
  switch (fault.kind) {
    case 'crash':
      return crash(world, process, fault);
    case 'crash-at-commit':
      process.crashAt = { commit: fault.commit, side: fault.side, down: fault.down };
      return;
    case 'flipped-byte':
      process.isImpaired = false;
      return restartAfter(world, process, fault, () => {
        if (process.disk.flipByte()) world.coverage.note('flipped byte noticed');
      });
    case 'old-copy':
      return startFromCopy(world, process, fault);
    case 'slow-disk':
      world.after(fault.from, () => {
        process.disk.delay = fault.delay;
        world.coverage.note('fsync slow');
      });
      return world.after(fault.to, () => {
        process.disk.delay = 0;
      });
    case 'failing-disk':
      process.isImpaired = true;
      return world.after(fault.at, () => {
        process.disk.isFailing = true;
      });
    case 'clock-jump':
      if (Math.abs(fault.by) > 10_000) process.isImpaired = true;
      return world.after(fault.at, () => {
        process.clock.jump(fault.by);
        world.coverage.note('clock jumped');
      });
    case 'frozen-clock':
      world.after(fault.from, () => {
        process.clock.freeze(world.now);
        world.coverage.note('clock froze');
      });
      return world.after(fault.to, () => process.clock.freeze(undefined));
    default:
      fault satisfies never;
  }
}

function crash(
  world: World,
  process: Process,
  { from, to, unsynced }: Extract<Fault, { kind: 'crash' }>,
): void {
  world.after(from, () => {
    process.crash(unsynced);
    if (world.processes.every((one) => !one.isRunning)) world.coverage.note('all crashed at once');
  });
  world.after(to, () => process.start());
}

function restartAfter(
  world: World,
  process: Process,
  { from, to }: { from: number; to: number },
  between: () => void,
): void {
  world.after(from, () => process.crash('lost'));
  world.after(to, () => {
    process.crash('lost');
    between();
    process.start();
  });
}

/** From its restart on it may contradict itself, so no rule binds it any more. */
function startFromCopy(world: World, process: Process, fault: Extract<Fault, { kind: 'old-copy' }>): void {
  let copied = 0;
  world.after(fault.copied, () => {
    copied = process.disk.commits;
  });
  restartAfter(world, process, fault, () => {
    process.isHonest = false;
    process.disk.goBackTo(copied);
    world.coverage.note('started from an old copy');
  });
}

/** Until the storm ends each twin hears only some of the others, and no twin hears the other. */
function separateTwins(world: World, authority: number): void {
  const others = world.processes.filter((process) => process.authority !== authority);
  for (const twin of world.processes.filter((process) => process.authority === authority)) {
    for (const other of others.filter(() => world.random() < 0.4)) {
      const both = [
        { kind: 'one-way', sender: twin.id, receiver: other.id, from: 0, to: 0 },
        { kind: 'one-way', sender: other.id, receiver: twin.id, from: 0, to: 0 },
      ] as const;
      for (const fault of both) world.network.begin(fault);
    }
  }
}
