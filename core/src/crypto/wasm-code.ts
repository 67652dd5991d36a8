/** WebAssembly value types (core specification §5.3). */
export const ValueType = { i32: 0x7f, v128: 0x7b } as const;

/** The few instructions that the kernels here are made of (core specification §5.4); those of `simd` follow the byte 0xfd. */
export const Op = {
  loop: 0x03,
  end: 0x0b,
  branchIf: 0x0d,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Load: 0x28,
  i32Store: 0x36,
  i32Const: 0x41,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32ShrU: 0x76,
  i32Rotl: 0x77,
  i32Rotr: 0x78,
  simd: 0xfd,
} as const;

/** Vector instructions, to be written after `Op.simd`. */
export const Simd = {
  load: 0x00,
  store: 0x0b,
  const: 0x0c,
  shuffle: 0x0d,
  and: 0x4e,
  or: 0x50,
  xor: 0x51,
  i32x4Shl: 0xab,
  i32x4ShrU: 0xad,
  i32x4Add: 0xae,
} as const;

/** `\\0asm` and version 1 (core specification §5.5.16). */
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** A block type without parameters and results. */
export const EMPTY_BLOCK = 0x40;

/** A function that takes 32-bit integers and gives nothing. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  /** Locals after the parameters, all of one type unless there are some of each: first the 32-bit ones. */
  readonly locals: { readonly i32: number; readonly v128: number };
  /** Instructions without the final `end`. */
  readonly body: readonly number[];
}

/** An unsigned integer in LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const more = rest >>> 7;
    bytes.push((rest & 0x7f) | (more === 0 ? 0 : 0x80));
    rest = more;
  } while (rest !== 0);
  return bytes;
}

/** A 32-bit integer in signed LEB128. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const isLast = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

/** The module of these functions, exported by name, and of a memory `memory` of so many pages of 64 KiB. */
export function assembleModule(functions: readonly WasmFunction[], pages: number): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [
    0x60,
    ...vector(Array.from({ length: parameters }, () => [ValueType.i32])),
    0,
  ]);
  const exports = functions.map(({ name }, index) => [...text(name), 0x00, index]);
  return Uint8Array.from([
    ...HEADER,
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, index) => [index]))),
    ...section(5, vector([[0x00, ...unsigned(pages)]])),
    ...section(7, vector([[...text('memory'), 0x02, 0x00], ...exports])),
    ...section(10, vector(functions.map(codeOf))),
  ]);
}

function codeOf({ locals, body }: WasmFunction): number[] {
  const groups = [
    [...unsigned(locals.i32), ValueType.i32],
    [...unsigned(locals.v128), ValueType.v128],
  ];
  const code = [...vector(groups), ...body, Op.end];
  return [...unsigned(code.length), ...code];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): number[] {
  return vector([...value].map((char) => [char.charCodeAt(0)]));
}
