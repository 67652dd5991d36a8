import { sha256Module } from './sha256-code.ts';

/** SHA-256 of many messages at once: what trees are made of. */
export interface Sha256Kernel {
  /** SHA-256 of the parts, one after the other; undefined when they are too long for this kernel. */
  one(parts: readonly Uint8Array[]): Uint8Array | undefined;
  /** SHA-256(prefix ‖ message) of each message, none longer than MAX_KERNEL_MESSAGE_BYTES. The digests share one buffer. */
  each(prefix: number, messages: readonly Uint8Array[]): Uint8Array[];
}

/** Memory of the kernel, 1 MiB: a bundle of usual entries fits. Longer work is done in pieces. */
const PAGES = 16;
const MEMORY_BYTES = PAGES * 65_536;
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const DIGEST_WORDS = DIGEST_BYTES / 4;
const LANES = 4;
/** Where messages are put, behind the digests that the lanes write. */
const MESSAGES_AT = LANES * DIGEST_BYTES;
/** Padding takes the byte 0x80 and eight bytes of length at least (FIPS 180-4 §5.1.1). */
const PADDING_BYTES = 9;
/** Longest message that is copied into the kernel. */
export const MAX_KERNEL_MESSAGE_BYTES = 128 * 1024;

interface Exports {
  readonly memory: WebAssembly.Memory;
  hash1(message: number, blocks: number, digest: number): void;
  hash4(a: number, b: number, c: number, d: number, blocks: number, digests: number): void;
}

/** The kernel in WebAssembly; undefined where the platform does not run it: without SIMD, or under a policy that forbids it. */
export function createSha256Kernel(): Sha256Kernel | undefined {
  try {
    const module = new WebAssembly.Module(sha256Module(PAGES));
    return new WasmKernel(new WebAssembly.Instance(module).exports as unknown as Exports);
  } catch {
    return undefined;
  }
}

class WasmKernel implements Sha256Kernel {
  readonly #exports: Exports;
  readonly #memory: Uint8Array<ArrayBuffer>;
  /** The same memory; digests are copied word by word. */
  readonly #words: Uint32Array;

  constructor(exports: Exports) {
    this.#exports = exports;
    this.#memory = new Uint8Array(exports.memory.buffer);
    this.#words = new Uint32Array(exports.memory.buffer);
  }

  one(parts: readonly Uint8Array[]): Uint8Array | undefined {
    let length = 0;
    for (const part of parts) length += part.length;
    if (length > MAX_KERNEL_MESSAGE_BYTES) return undefined;
    let at = MESSAGES_AT;
    for (const part of parts) {
      this.#memory.set(part, at);
      at += part.length;
    }
    this.#exports.hash1(MESSAGES_AT, pad(this.#memory, MESSAGES_AT, length), 0);
    return this.#memory.slice(0, DIGEST_BYTES);
  }

  each(prefix: number, messages: readonly Uint8Array[]): Uint8Array[] {
    const digests = new Uint32Array(messages.length * DIGEST_WORDS);
    const offsets = new Uint32Array(messages.length);
    /** By number of blocks: messages that wait for three others as long. */
    const waiting: number[][] = [];
    let at = MESSAGES_AT;
    for (let number = 0; number < messages.length; number++) {
      const message = messages[number] ?? EMPTY;
      const blocks = blocksOf(message.length + 1);
      if (at + blocks * BLOCK_BYTES > MEMORY_BYTES) {
        waiting.forEach((numbers, length) => this.#alone(numbers, length, offsets, digests));
        waiting.length = 0;
        at = MESSAGES_AT;
      }
      this.#memory[at] = prefix;
      this.#memory.set(message, at + 1);
      pad(this.#memory, at, message.length + 1);
      offsets[number] = at;
      at += blocks * BLOCK_BYTES;
      const alike = (waiting[blocks] ??= []);
      if (alike.push(number) < LANES) continue;
      this.#together(alike, blocks, offsets, digests);
      alike.length = 0;
    }
    waiting.forEach((numbers, blocks) => this.#alone(numbers, blocks, offsets, digests));
    const bytes = new Uint8Array(digests.buffer);
    return messages.map((_, i) => bytes.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES));
  }

  #together(numbers: readonly number[], blocks: number, offsets: Uint32Array, digests: Uint32Array): void {
    const [a = 0, b = 0, c = 0, d = 0] = numbers;
    const [atA = 0, atB = 0, atC = 0, atD = 0] = [offsets[a], offsets[b], offsets[c], offsets[d]];
    this.#exports.hash4(atA, atB, atC, atD, blocks, 0);
    for (let lane = 0; lane < LANES; lane++) this.#keep(lane, numbers[lane] ?? 0, digests);
  }

  #alone(numbers: readonly number[], blocks: number, offsets: Uint32Array, digests: Uint32Array): void {
    for (const number of numbers) {
      this.#exports.hash1(offsets[number] ?? 0, blocks, 0);
      this.#keep(0, number, digests);
    }
  }

  #keep(lane: number, number: number, digests: Uint32Array): void {
    for (let i = 0; i < DIGEST_WORDS; i++) {
      digests[number * DIGEST_WORDS + i] = this.#words[lane * DIGEST_WORDS + i] ?? 0;
    }
  }
}

const EMPTY = new Uint8Array(0);

function blocksOf(length: number): number {
  return Math.ceil((length + PADDING_BYTES) / BLOCK_BYTES);
}

/** Pads the message of `length` bytes at `start` in place (FIPS 180-4 §5.1.1) and says how many blocks it takes. */
function pad(memory: Uint8Array, start: number, length: number): number {
  const blocks = blocksOf(length);
  const end = start + blocks * BLOCK_BYTES;
  memory[start + length] = 0x80;
  memory.fill(0, start + length + 1, end - 4);
  const bits = length * 8;
  memory[end - 4] = bits >>> 24;
  memory[end - 3] = bits >>> 16;
  memory[end - 2] = bits >>> 8;
  memory[end - 1] = bits;
  return blocks;
}
