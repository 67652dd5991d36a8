import { fromWire, isAssayError, toWire } from '@assay/core/errors/assay-error.ts';

/** Marks an error inside a value: structured cloning would strip it of its code. */
const ERROR = '@error';

/** A copy of a value in which AssayErrors are plain data, without their causes. Bytes, blobs and other platform objects stay as they are. */
export function toWireValue(value: unknown): unknown {
  if (isAssayError(value)) return { [ERROR]: toWire(value) };
  return mapMembers(value, toWireValue);
}

/** The value that `toWireValue` was given. */
export function fromWireValue(value: unknown): unknown {
  if (isPlainObject(value) && ERROR in value) return fromWire(value[ERROR]);
  return mapMembers(value, fromWireValue);
}

function mapMembers(value: unknown, map: (member: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(map);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, map(member)]));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
