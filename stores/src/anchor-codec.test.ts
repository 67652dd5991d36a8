import fc from 'fast-check';
import { expect, it } from 'vitest';
import { unwrap } from '@assay/core/errors/result.ts';
import { decodeAnchor, encodeAnchor } from './anchor-codec.ts';

const note = fc.uint8Array({ maxLength: 1000 });
const anchor = fc.record(
  {
    size: fc.maxSafeNat(),
    root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    checkpoint: note,
    conflict: fc.record({ first: note, second: note }),
  },
  { requiredKeys: ['size', 'root', 'checkpoint'] },
);

it('gives back every anchor', () => {
  fc.assert(
    fc.property(anchor, (one) => {
      expect(unwrap(decodeAnchor(encodeAnchor(one)))).toEqual(one);
    }),
  );
});

it('never throws, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => typeof decodeAnchor(bytes).ok === 'boolean'),
  );
});
