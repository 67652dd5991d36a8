/** The outcome of a `Range` header: send everything, send `[from, to)`, or answer 416. */
export type RangeOutcome =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly from: number; readonly to: number }
  | { readonly kind: 'unsatisfiable' };

const WHOLE: RangeOutcome = { kind: 'whole' };
const UNSATISFIABLE: RangeOutcome = { kind: 'unsatisfiable' };

/**
 * Reads a `Range` header for a resource of `size` bytes (RFC 9110 §14). A malformed header, another unit or several ranges are
 * passed over, as the RFC allows; a well-formed range that holds no byte of the resource is unsatisfiable.
 */
export function readRange(header: string | undefined, size: number): RangeOutcome {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return WHOLE;
  if (first === '') return part(size - Math.min(size, Number(last)), size);
  const from = Number(first);
  if (last === '') return part(from, size);
  return Number(last) < from ? WHOLE : part(from, Math.min(size, Number(last) + 1));
}

function part(from: number, to: number): RangeOutcome {
  return from < to ? { kind: 'part', from, to } : UNSATISFIABLE;
}
