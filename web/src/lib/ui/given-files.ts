import type { GivenFile } from '../node/file-api.ts';

/** One thing to check: a file, or an evidence file together with the file it is about where that was given too. */
export type Given =
  | { readonly kind: 'file'; readonly file: GivenFile }
  | { readonly kind: 'evidence'; readonly evidence: GivenFile; readonly file?: GivenFile };

/** The verifier reads no larger evidence file; what is larger is checked as a file like any other. */
const MAX_EVIDENCE_BYTES = 8 * 1024 * 1024;

/** Every evidence file is written with its format first. */
const BEGINS_LIKE_EVIDENCE = /^\s*\{\s*"format"\s*:\s*"assay-evidence\//;

/** Sorts what was dropped. Evidence goes with the file of the name it gives, or with the only other file there is. */
export async function sortGiven(given: readonly GivenFile[]): Promise<readonly Given[]> {
  const looked = await Promise.all(given.map(async (file) => ({ file, about: await evidenceAbout(file) })));
  const files = looked.filter(({ about }) => about === undefined).map(({ file }) => file);
  return looked.map(({ file, about }): Given => {
    if (about === undefined) return { kind: 'file', file };
    const named =
      files.find(({ name }) => name === about.artifact) ?? (files.length === 1 ? files[0] : undefined);
    return { kind: 'evidence', evidence: file, ...(named !== undefined && { file: named }) };
  });
}

/**
 * What an evidence file says it is about; undefined for every other file. Nothing in it is believed here. One that is damaged is
 * evidence all the same: who gives it should hear that it is not usable, not that the log does not record it.
 */
async function evidenceAbout(file: GivenFile): Promise<{ readonly artifact?: unknown } | undefined> {
  if (!/\.json$/i.test(file.name) || file.size > MAX_EVIDENCE_BYTES) return undefined;
  try {
    const text = await file.text();
    return evidenceIn(text) ?? (BEGINS_LIKE_EVIDENCE.test(text) ? {} : undefined);
  } catch {
    return undefined;
  }
}

function evidenceIn(text: string): { readonly artifact?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isEvidence(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEvidence(value: unknown): value is { readonly artifact?: unknown } {
  if (typeof value !== 'object' || value === null || !('format' in value)) return false;
  return typeof value.format === 'string' && value.format.startsWith('assay-evidence/');
}
