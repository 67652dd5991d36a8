import { fail, ok, type Result } from '../errors/result.ts';

/** Reads big-endian integers and byte strings from the front of an array. Never throws, never reads beyond the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    // A plain view even of a Node Buffer, whose slice() would share memory with the input.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** One byte; `E_BYTES_TRUNCATED` when none is left, as in all methods here. */
  u8(): Result<number> {
    const at = this.#take(1);
    return at.ok ? ok(this.#view.getUint8(at.value)) : at;
  }

  /** Two bytes as an unsigned integer. */
  u16be(): Result<number> {
    const at = this.#take(2);
    return at.ok ? ok(this.#view.getUint16(at.value)) : at;
  }

  /** Four bytes as an unsigned integer. */
  u32be(): Result<number> {
    const at = this.#take(4);
    return at.ok ? ok(this.#view.getUint32(at.value)) : at;
  }

  /** Eight bytes as an unsigned integer; `E_INTEGER_RANGE` beyond 2^53 - 1. */
  u64be(): Result<number> {
    const at = this.#take(8);
    if (!at.ok) return at;
    const value = this.#view.getBigUint64(at.value);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) return fail('E_INTEGER_RANGE', { offset: at.value });
    return ok(Number(value));
  }

  /** A copy of the next `count` bytes. */
  bytes(count: number): Result<Uint8Array> {
    const at = this.#take(count);
    return at.ok ? ok(this.#bytes.slice(at.value, at.value + count)) : at;
  }

  /** Success when everything was read, else `E_BYTES_TRAILING`. */
  end(): Result<void> {
    return this.remaining === 0 ? ok(undefined) : fail('E_BYTES_TRAILING', { count: this.remaining });
  }

  #take(count: number): Result<number> {
    if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`Not a byte count: ${count}`);
    if (count > this.remaining) {
      return fail('E_BYTES_TRUNCATED', { offset: this.#bytes.length, need: count - this.remaining });
    }
    const at = this.#offset;
    this.#offset += count;
    return ok(at);
  }
}
