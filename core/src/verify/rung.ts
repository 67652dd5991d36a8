import { AssayError, isAssayError, type ErrorFields } from '../errors/assay-error.ts';
import type { Rung, RungId } from './types.ts';

/** What a check found out: a rung without its name and time, and what later checks may build on when it passed. */
export interface Finding<T = unknown> extends Omit<Rung, 'id' | 'ms'> {
  readonly value?: T;
}

/** A rung, and what its check gives to later ones. */
export interface Climbed<T> {
  readonly rung: Rung;
  readonly value?: T;
}

/** Text to show beside a finding; labels differ within a rung. */
export type Raw = Rung['raw'];

/** The evidence holds. */
export function passed<T>(fields: ErrorFields, raw: Raw, value?: T): Finding<T> {
  return { state: 'pass', fields, raw, ...(value === undefined ? {} : { value }) };
}

/** The evidence contradicts itself, the record, or the network. */
export function failed(error: AssayError, raw: Raw = []): Finding<never> {
  return { state: 'fail', fields: error.fields, error, raw };
}

/** The check cannot be made. */
export function missing(error: AssayError, raw: Raw = []): Finding<never> {
  return { state: 'missing', fields: error.fields, error, raw };
}

/** The check cannot be made because the evidence lacks something. */
export function missingPart(part: string): Finding<never> {
  return missing(new AssayError('E_EVIDENCE_MISSING', { part }));
}

/** A rung of a finding that took `ms` milliseconds. */
export function rungOf(id: RungId, { state, fields, error, raw }: Finding, ms: number): Rung {
  return { id, state, fields, raw, ms, ...(error === undefined ? {} : { error }) };
}

/** Runs one check and takes its time. What it throws, such as a failing store, makes the rung unchecked, never passed. */
export async function climb<T>(
  id: RungId,
  elapsed: () => number,
  check: () => Finding<T> | Promise<Finding<T>>,
): Promise<Climbed<T>> {
  const start = elapsed();
  const finding = await settle(check);
  const rung = rungOf(id, finding, elapsed() - start);
  return finding.value === undefined ? { rung } : { rung, value: finding.value };
}

async function settle<T>(check: () => Finding<T> | Promise<Finding<T>>): Promise<Finding<T>> {
  try {
    return await check();
  } catch (error) {
    return missing(isAssayError(error) ? error : new AssayError('E_CHECK_INTERRUPTED', {}, error));
  }
}
