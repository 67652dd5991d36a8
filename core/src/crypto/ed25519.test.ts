import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vectorsPath } from '../testing/vectors.ts';
import { readEdgeCases } from './ed25519-edge-cases.fixture.ts';
import { verifyEd25519 } from './ed25519.ts';

const path = vectorsPath('ed25519/ed25519vectors.json');

describe('the 914 edge cases of C2SP/CCTV (skipped where ../shared/vectors is not there)', () => {
  it.skipIf(!path)('accepts exactly 43', () => {
    const cases = readEdgeCases(readFileSync(path ?? '', 'utf8'));
    expect(cases).toHaveLength(914);
    expect(cases.filter((c) => verifyEd25519(c.publicKey, c.message, c.signature))).toHaveLength(43);
  });
});
