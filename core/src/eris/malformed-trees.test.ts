import { describe, expect, it } from 'vitest';
import { isAssayError } from '../errors/assay-error.ts';
import { collect, getFrom, someBytes } from './block-map.fixture.ts';
import type { ReferenceKeyPair } from './block.ts';
import { decodeContent, decodeStream } from './decode.ts';
import { openErisReader } from './random-access.ts';
import { createPackPlan } from './pack-plan.ts';
import { TreeForge } from './tree-forge.fixture.ts';

const forge = new TreeForge(1024);
const get = getFrom(forge.blocks);

/** `count` different whole leaves. */
function leaves(count: number): ReferenceKeyPair[] {
  const bytes = someBytes(count * 1024);
  return Array.from({ length: count }, (_, i) => forge.leaf(bytes.subarray(i * 1024, (i + 1) * 1024)));
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'accepted';
  } catch (error) {
    return isAssayError(error) ? error.code : String(error);
  }
}

const padding = forge.leaf(new Uint8Array());
const full = leaves(16);
const underFilled = forge.node(1, leaves(15));

/** Trees whose every block matches its hash and key, yet which no encoder makes. */
const trees: { name: string; level: number; root: ReferenceKeyPair; size: number }[] = [
  {
    name: 'a node that is not full before the last one',
    level: 2,
    root: forge.node(2, [underFilled, forge.node(1, [...full, padding].slice(-2))]),
    size: 17 * 1024,
  },
  {
    name: 'a level more than needed above a lone leaf',
    level: 1,
    root: forge.node(1, [padding]),
    size: 1024,
  },
  {
    name: 'a level more than needed above a node',
    level: 2,
    root: forge.node(2, [forge.node(1, [...full.slice(0, 15), padding])]),
    size: 16 * 1024,
  },
  { name: 'a root without children', level: 1, root: forge.node(1, []), size: 1024 },
  {
    name: 'something behind the children',
    level: 1,
    root: forge.node(1, [...full.slice(0, 2), padding], 1),
    size: 2048,
  },
  {
    name: 'fewer leaves than the size calls for',
    level: 1,
    root: forge.node(1, [...full.slice(0, 2), padding]),
    size: 3 * 1024,
  },
];

describe.each(trees)('a tree with $name', ({ level, root, size }) => {
  const capability = forge.capability(level, root);

  it('is refused by every way of reading', async () => {
    const whole = await decodeContent(capability, get, { size });
    expect(whole.ok ? 'accepted' : whole.error.code).toMatch(/^E_ERIS_(SHAPE|SIZE)$/);
    expect(await codeOf(collect(decodeStream(capability, get, { size })))).toMatch(/^E_ERIS_(SHAPE|SIZE)$/);
    const reading = openErisReader(capability, get, { size }).then((reader) => reader.read(0, reader.length));
    expect(await codeOf(reading)).toMatch(/^E_ERIS_(SHAPE|SIZE)$/);
  });

  it('is refused by the plan of its pack', () => {
    expect(planOutcome(level, root, size)).toMatch(/^E_ERIS_(SHAPE|SIZE)$/);
  });
});

it.each(trees.slice(0, 5))(
  'a tree with $name is refused without its size as well',
  async ({ level, root }) => {
    const whole = await decodeContent(forge.capability(level, root), get);
    expect(whole.ok ? 'accepted' : whole.error.code).toBe('E_ERIS_SHAPE');
  },
);

describe('a few blocks that unfold to terabytes', () => {
  let bomb: ReferenceKeyPair = forge.leaf(new Uint8Array(1024));
  for (let level = 1; level <= 7; level++) {
    bomb = forge.node(
      level,
      Array.from({ length: 16 }, () => bomb),
    );
  }
  let edge = padding;
  for (let level = 1; level <= 7; level++) edge = forge.node(level, [edge]);
  const root = forge.node(8, [...Array.from({ length: 15 }, () => bomb), edge]);
  const capability = forge.capability(8, root);
  const unfolded = 15 * 16 ** 7 * 1024;

  it('are refused by their proven length before memory is taken', async () => {
    const whole = await decodeContent(capability, get);
    expect(whole.ok ? 'accepted' : whole.error.message).toContain(String(unfolded));
  });

  it('are refused by a size that fits an artifact', async () => {
    const size = 256 * 1024 * 1024;
    expect(await codeOf(collect(decodeStream(capability, get, { size })))).toBe('E_ERIS_SIZE');
    expect(planOutcome(8, root, size)).toBe('E_ERIS_SIZE');
  });

  it('make a plan of no more slots than they are, even when the size agrees', () => {
    const plan = createPackPlan(capability, unfolded);
    if (!plan.ok) throw plan.error;
    let index = 0;
    for (; plan.value.total === undefined; index++) acceptOwn(plan.value, index);
    expect(plan.value.total).toBe(1 + 2 * 7 + 2);
  });
});

describe('a repeated reference', () => {
  it('under another key is refused', () => {
    const [first] = full;
    const [, second] = full;
    if (first === undefined || second === undefined) throw new Error('There are 16 leaves');
    const root = forge.node(1, [first, { ...first, key: second.key }, padding]);
    expect(planOutcome(1, root, 2048)).toBe('E_ERIS_SHAPE');
  });

  it('on another level is refused', () => {
    const node = forge.node(1, full);
    const root = forge.node(2, [node, forge.node(1, [node, padding])]);
    expect(planOutcome(2, root, 17 * 1024)).toBe('E_ERIS_SHAPE');
  });

  it('of a full node is refused where the size calls for a part of one', () => {
    const node = forge.node(1, full);
    const root = forge.node(2, [node, node]);
    expect(planOutcome(2, root, 17 * 1024)).toBe('E_ERIS_SHAPE');
  });

  it('of a node with full nodes under it is refused where the size calls for one of them', () => {
    const nodes = Array.from({ length: 16 }, () => forge.node(1, full));
    const tall = forge.node(2, nodes);
    expect(planOutcome(3, forge.node(3, [tall, tall]), 272 * 1024 - 1)).toBe('E_ERIS_SHAPE');
  });

  it('of a full node stands at the edge too, when the content says so', async () => {
    const node = forge.node(1, [...full.slice(0, 15), forge.leaf(someBytes(9))]);
    const root = forge.node(2, [node, node]);
    const size = 31 * 1024 + 9;
    expect(planOutcome(2, root, size)).toBe('accepted');
    const whole = await decodeContent(forge.capability(2, root), get, { size });
    expect(whole.ok && whole.value.length).toBe(size);
  });
});

/** What becomes of a plan that is fed every block it asks for. */
function planOutcome(level: number, root: ReferenceKeyPair, size: number): string {
  const plan = createPackPlan(forge.capability(level, root), size);
  if (!plan.ok) return plan.error.code;
  for (let index = 0; !plan.value.complete; index++) {
    const code = acceptOwn(plan.value, index);
    if (code !== 'accepted') return code;
  }
  return 'accepted';
}

type Plan = Extract<ReturnType<typeof createPackPlan>, { ok: true }>['value'];

function acceptOwn(plan: Plan, index: number): string {
  const slot = plan.known()[index];
  if (slot === undefined) throw new Error(`Slot ${index} should be known`);
  const accepted = plan.accept(index, forge.block({ reference: slot.reference, key: slot.reference }));
  return accepted.ok ? 'accepted' : accepted.error.code;
}
