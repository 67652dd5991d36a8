import { expect, it } from 'vitest';
import { vectorsUrl } from '../testing/browser-vectors.ts';
import {
  expectRefusal,
  expectSameContent,
  expectSameEncoding,
  officialVectorFiles,
  type OfficialVector,
} from './official-vectors.fixture.ts';

const folder = vectorsUrl('eris');
const why = folder === undefined ? ' (skipped: ../shared/vectors/eris is not there)' : '';

it.skipIf(folder === undefined).each(officialVectorFiles)(
  `official ERIS 1.0 vector %s${why}`,
  async (name) => {
    const response = await fetch(`${folder}/${name}`);
    const vector: OfficialVector = await response.json();
    expect(name).toContain(vector.type);
    if (vector.type === 'negative') return expectRefusal(vector);
    expectSameEncoding(vector);
    return expectSameContent(vector);
  },
);
