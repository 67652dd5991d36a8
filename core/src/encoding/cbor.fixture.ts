import fc from 'fast-check';
import type { CborMap, CborValue } from './cbor.ts';

/** Arbitrary values of our CBOR subset, nested a few levels, with maps as the decoder makes them. */
export const anyCborValue: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue; map: CborMap }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.maxSafeInteger(),
    fc.integer({ min: -70_000, max: 70_000 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(true, false, null),
    fc.array(tie('value'), { maxLength: 5 }),
    tie('map'),
  ),
  map: fc
    .dictionary(
      fc.oneof(fc.string({ unit: 'binary', maxLength: 5 }), fc.constant('__proto__')),
      tie('value'),
      { maxKeys: 5 },
    )
    .map((map) => Object.assign(Object.create(null), map) as CborMap),
})).value;
