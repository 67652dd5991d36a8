import { SHA256_K, SHA256_START } from './sha256-constants.ts';
import { assembleModule, EMPTY_BLOCK, Op, signed, Simd, unsigned, type WasmFunction } from './wasm-code.ts';

/** The arithmetic of SHA-256 on one message or on four side by side: each gives instructions that push its result. */
interface Lanes {
  constant(value: number): number[];
  /** Rotation of a local to the right. */
  rotated(local: number, bits: number): number[];
  /** A local shifted to the right. */
  shifted(local: number, bits: number): number[];
  readonly add: readonly number[];
  readonly and: readonly number[];
  readonly xor: readonly number[];
}

const simd = (op: number): number[] => [Op.simd, ...unsigned(op)];
const get = (local: number): number[] => [Op.localGet, ...unsigned(local)];
const set = (local: number): number[] => [Op.localSet, ...unsigned(local)];
const tee = (local: number): number[] => [Op.localTee, ...unsigned(local)];
const i32 = (value: number): number[] => [Op.i32Const, ...signed(value)];

const oneLane: Lanes = {
  constant: i32,
  rotated: (local, bits) => [...get(local), ...i32(bits), Op.i32Rotr],
  shifted: (local, bits) => [...get(local), ...i32(bits), Op.i32ShrU],
  add: [Op.i32Add],
  and: [Op.i32And],
  xor: [Op.i32Xor],
};

const fourLanes: Lanes = {
  constant(value) {
    const word = [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
    return [...simd(Simd.const), ...word, ...word, ...word, ...word];
  },
  rotated: (local, bits) => [
    ...get(local),
    ...i32(bits),
    ...simd(Simd.i32x4ShrU),
    ...get(local),
    ...i32(32 - bits),
    ...simd(Simd.i32x4Shl),
    ...simd(Simd.or),
  ],
  shifted: (local, bits) => [...get(local), ...i32(bits), ...simd(Simd.i32x4ShrU)],
  add: simd(Simd.i32x4Add),
  and: simd(Simd.and),
  xor: simd(Simd.xor),
};

/** Locals of the vector width: the chaining value, the 16 words of the schedule, the working variables and one for `a ^ b`. */
interface Registers {
  readonly chain: readonly number[];
  readonly words: readonly number[];
  readonly working: readonly number[];
  readonly scratch: readonly [number, number, number];
}

function registers(first: number): Registers {
  const run = (from: number, count: number) => Array.from({ length: count }, (_, i) => first + from + i);
  return {
    chain: run(0, 8),
    words: run(8, 16),
    working: run(24, 8),
    scratch: [first + 32, first + 33, first + 34],
  };
}

const REGISTERS = 35;

/** FIPS 180-4 §6.2.2 on the words that are loaded, all 64 rounds written out. */
function compress(lanes: Lanes, { chain, words, working, scratch }: Registers): number[] {
  const { add, and, xor } = lanes;
  const [temporary, bothAB, bothBC] = scratch;
  const code: number[] = [];
  const at = (list: readonly number[], index: number): number => list[index] ?? 0;
  const sigma = (local: number, [x, y, z]: readonly [number, number, number], isShift: boolean) => [
    ...lanes.rotated(local, x),
    ...lanes.rotated(local, y),
    ...xor,
    ...(isShift ? lanes.shifted(local, z) : lanes.rotated(local, z)),
    ...xor,
  ];
  chain.forEach((local, i) => code.push(...get(local), ...set(at(working, i))));
  code.push(...get(at(working, 1)), ...get(at(working, 2)), ...xor, ...set(bothBC));
  for (let round = 0; round < 64; round++) {
    const word = at(words, round % 16);
    if (round >= 16) {
      code.push(...get(word), ...get(at(words, (round + 9) % 16)), ...add);
      code.push(...sigma(at(words, (round + 1) % 16), [7, 18, 3], true), ...add);
      code.push(...sigma(at(words, (round + 14) % 16), [17, 19, 10], true), ...add, ...set(word));
    }
    const name = (letter: number): number => at(working, (letter - round + 64) % 8);
    const [a, b, d, e, f, g, h] = [name(0), name(1), name(3), name(4), name(5), name(6), name(7)];
    code.push(...get(h), ...get(word), ...add, ...lanes.constant(at(SHA256_K, round)), ...add);
    code.push(...sigma(e, [6, 11, 25], false), ...add);
    code.push(...get(g), ...get(e), ...get(f), ...get(g), ...xor, ...and, ...xor, ...add, ...tee(temporary));
    code.push(...get(d), ...add, ...set(d));
    // Majority as b ^ ((a ^ b) & (b ^ c)); a ^ b is b ^ c of the next round.
    const [thisAB, thisBC] = round % 2 === 0 ? [bothAB, bothBC] : [bothBC, bothAB];
    code.push(...get(b), ...get(a), ...get(b), ...xor, ...tee(thisAB), ...get(thisBC), ...and, ...xor);
    code.push(...sigma(a, [2, 13, 22], false), ...add, ...get(temporary), ...add, ...set(h));
  }
  chain.forEach((local, i) => code.push(...get(local), ...get(at(working, i)), ...add, ...set(local)));
  return code;
}

/** Repeats `body` as often as local `count` says, at least once. */
function repeat(count: number, body: readonly number[]): number[] {
  const countDown = [...get(count), ...i32(1), Op.i32Sub, ...tee(count), Op.branchIf, 0];
  return [Op.loop, EMPTY_BLOCK, ...body, ...countDown, Op.end];
}

const advance = (pointer: number): number[] => [...get(pointer), ...i32(64), Op.i32Add, ...set(pointer)];
const begin = (lanes: Lanes, chain: readonly number[]): number[] =>
  chain.flatMap((local, i) => [...lanes.constant(SHA256_START[i] ?? 0), ...set(local)]);

/** hash1(message, blocks, digest): one padded message of so many blocks of 64 bytes. */
function hash1(): WasmFunction {
  const [message, blocks, digest, swapped] = [0, 1, 2, 3];
  const all = registers(4);
  const swap = (): number[] => [
    ...tee(swapped),
    ...i32(8),
    Op.i32Rotl,
    ...i32(16711935),
    Op.i32And,
    ...get(swapped),
    ...i32(8),
    Op.i32Rotr,
    ...i32(4278255360),
    Op.i32And,
    Op.i32Or,
  ];
  const load = all.words.flatMap((local, i) => [
    ...get(message),
    Op.i32Load,
    2,
    ...unsigned(4 * i),
    ...swap(),
    ...set(local),
  ]);
  const store = all.chain.flatMap((local, i) => [
    ...get(digest),
    ...get(local),
    ...swap(),
    Op.i32Store,
    2,
    ...unsigned(4 * i),
  ]);
  const body = [...load, ...compress(oneLane, all), ...advance(message)];
  return {
    name: 'hash1',
    parameters: 3,
    locals: { i32: 1 + REGISTERS, v128: 0 },
    body: [...begin(oneLane, all.chain), ...repeat(blocks, body), ...store],
  };
}

const swapBytes = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12];
const words = (...picked: readonly number[]): number[] =>
  picked.flatMap((word) => [4 * word, 4 * word + 1, 4 * word + 2, 4 * word + 3]);
const shuffle = (lanes: readonly number[]): number[] => [...simd(Simd.shuffle), ...lanes];

/** Makes rows of columns: afterwards local i holds word i of each of the four. Uses four more locals. */
function transpose(rows: readonly number[], spare: readonly number[]): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = rows;
  const [ab = 0, cd = 0, ab2 = 0, cd2 = 0] = spare;
  const mix = (x: number, y: number, lanes: readonly number[], to: number) => [
    ...get(x),
    ...get(y),
    ...shuffle(lanes),
    ...set(to),
  ];
  return [
    ...mix(a, b, words(0, 4, 1, 5), ab),
    ...mix(c, d, words(0, 4, 1, 5), cd),
    ...mix(a, b, words(2, 6, 3, 7), ab2),
    ...mix(c, d, words(2, 6, 3, 7), cd2),
    ...mix(ab, cd, words(0, 1, 4, 5), a),
    ...mix(ab, cd, words(2, 3, 6, 7), b),
    ...mix(ab2, cd2, words(0, 1, 4, 5), c),
    ...mix(ab2, cd2, words(2, 3, 6, 7), d),
  ];
}

/** hash4(message 0 … message 3, blocks, digests): four padded messages of equally many blocks; their digests follow one another. */
function hash4(): WasmFunction {
  const [blocks, digests] = [4, 5];
  const all = registers(6);
  const load = [0, 4, 8, 12].flatMap((first) => {
    const rows = all.words.slice(first, first + 4);
    const loads = rows.flatMap((local, lane) => [
      ...get(lane),
      ...simd(Simd.load),
      0,
      ...unsigned(4 * first),
      ...tee(local),
      ...get(local),
      ...shuffle(swapBytes),
      ...set(local),
    ]);
    return [...loads, ...transpose(rows, all.working.slice(0, 4))];
  });
  const store = [0, 4].flatMap((first) => {
    const rows = all.chain.slice(first, first + 4);
    const stores = rows.flatMap((local, lane) => [
      ...get(digests),
      ...get(local),
      ...get(local),
      ...shuffle(swapBytes),
      ...simd(Simd.store),
      0,
      ...unsigned(32 * lane + 4 * first),
    ]);
    return [...transpose(rows, all.working.slice(0, 4)), ...stores];
  });
  const advances = [0, 1, 2, 3].flatMap(advance);
  const body = [...load, ...compress(fourLanes, all), ...advances];
  return {
    name: 'hash4',
    parameters: 6,
    locals: { i32: 0, v128: REGISTERS },
    body: [...begin(fourLanes, all.chain), ...repeat(blocks, body), ...store],
  };
}

/** The WebAssembly module of the SHA-256 kernel, with a memory of so many pages. */
export function sha256Module(pages: number): Uint8Array<ArrayBuffer> {
  return assembleModule([hash1(), hash4()], pages);
}
