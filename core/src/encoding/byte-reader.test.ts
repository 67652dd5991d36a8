import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from './byte-reader.ts';
import { concatBytes, u32be, u64be } from './bytes.ts';

describe('ByteReader', () => {
  it('reads big-endian integers and bytes from the front', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 1, 0, 0, 0, 0, 9, 8));
    expect(reader.u8()).toEqual({ ok: true, value: 1 });
    expect(reader.u16be()).toEqual({ ok: true, value: 0x0203 });
    expect(reader.u32be()).toEqual({ ok: true, value: 0x04050607 });
    expect(reader.u64be()).toEqual({ ok: true, value: 2 ** 32 });
    expect(reader.offset).toBe(15);
    expect(reader.remaining).toBe(2);
    expect(reader.end()).toMatchObject({
      ok: false,
      error: { code: 'E_BYTES_TRAILING', fields: { count: 2 } },
    });
    expect(reader.bytes(2)).toEqual({ ok: true, value: Uint8Array.of(9, 8) });
    expect(reader.end().ok).toBe(true);
  });

  it('reads back what u32be and u64be wrote', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffff_ffff }), fc.maxSafeNat(), (small, large) => {
        const reader = new ByteReader(concatBytes(u32be(small), u64be(large)));
        expect([reader.u32be(), reader.u64be()]).toEqual([
          { ok: true, value: small },
          { ok: true, value: large },
        ]);
      }),
    );
  });

  it('stands still when too few bytes are left', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3));
    expect(reader.u32be()).toMatchObject({
      ok: false,
      error: { code: 'E_BYTES_TRUNCATED', fields: { offset: 3, need: 1 } },
    });
    expect(reader.offset).toBe(0);
    expect(reader.bytes(3)).toEqual({ ok: true, value: Uint8Array.of(1, 2, 3) });
    expect(reader.u8().ok).toBe(false);
  });

  it('refuses integers beyond 2^53 - 1', () => {
    expect(new ByteReader(Uint8Array.of(0, 32, 0, 0, 0, 0, 0, 0)).u64be()).toMatchObject({
      ok: false,
      error: { code: 'E_INTEGER_RANGE' },
    });
  });

  it('hands out copies, even of a Buffer', () => {
    const input = Buffer.from([1, 2]);
    const read = new ByteReader(input).bytes(2);
    input[0] = 9;
    expect(read).toEqual({ ok: true, value: Uint8Array.of(1, 2) });
  });

  it('reads a part of a larger buffer and nothing outside of it', () => {
    const reader = new ByteReader(Uint8Array.of(7, 1, 2, 7).subarray(1, 3));
    expect(reader.u16be()).toEqual({ ok: true, value: 0x0102 });
    expect(reader.u8().ok).toBe(false);
  });
});
