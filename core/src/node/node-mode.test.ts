import { describe, expect, it } from 'vitest';
import { LIGHT_ABOVE, modeFor } from './node-mode.ts';

describe('the mode of a node', () => {
  it('goes by the size of the log unless somebody chose', () => {
    expect(modeFor('automatic', undefined)).toBe('full');
    expect(modeFor('automatic', LIGHT_ABOVE)).toBe('full');
    expect(modeFor('automatic', LIGHT_ABOVE + 1)).toBe('light');
    expect(modeFor('full', LIGHT_ABOVE + 1)).toBe('full');
    expect(modeFor('light', 2)).toBe('light');
  });
});
