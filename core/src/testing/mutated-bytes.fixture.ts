import fc from 'fast-check';

/**
 * Copies of the bytes that `valid` makes, with one to three bytes exchanged, dropped, inserted or cut off the
 * end: close enough to the real thing to get deep into a decoder. Now and then a copy comes out unchanged.
 */
export function mutatedBytes(valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({
    kind: fc.constantFrom('exchange', 'drop', 'insert', 'cut'),
    at: fc.nat(1_000_000),
    byte: fc.nat(255),
  });
  return fc.tuple(valid, fc.array(edit, { minLength: 1, maxLength: 3 })).map(([bytes, edits]) =>
    edits.reduce((changed, { kind, at, byte }) => {
      const position = changed.length === 0 ? 0 : at % changed.length;
      const copy = [...changed];
      if (kind === 'exchange') copy.splice(position, 1, byte);
      else if (kind === 'drop') copy.splice(position, 1);
      else if (kind === 'insert') copy.splice(position, 0, byte);
      else copy.length = position;
      return Uint8Array.from(copy);
    }, bytes),
  );
}
