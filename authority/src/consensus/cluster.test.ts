import { describe, expect, it } from 'vitest';
import { createEquivocator } from './testing/adversaries.ts';
import { runCampaign, type Campaign } from './testing/campaign.ts';

function failures(seeds: number, campaign: Campaign): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (let seed = 1; seed <= seeds; seed++) {
    const violations = runCampaign(seed, campaign);
    if (violations.length > 0) found[`seed ${seed}`] = violations;
  }
  return found;
}

describe('agreement in a simulated network', () => {
  it('four authorities, lost, late and doubled messages', () => {
    expect(failures(40, { count: 4 })).toEqual({});
  });

  it('four authorities, crashes that lose what was not committed', () => {
    expect(failures(60, { count: 4, crashes: true, cuts: true })).toEqual({});
  });

  it('four authorities, one of them silent', () => {
    expect(failures(40, { count: 4, silent: [2] })).toEqual({});
  });

  it('four authorities, one of them a leader of two tongues, and crashes', () => {
    expect(
      failures(60, { count: 4, crashes: true, cuts: true, byzantine: new Map([[1, createEquivocator()]]) }),
    ).toEqual({});
  });

  it('seven authorities, one silent, one equivocating, crashes', () => {
    const byzantine = new Map([[4, createEquivocator()]]);
    expect(failures(20, { count: 7, crashes: true, silent: [0], byzantine })).toEqual({});
  });
});
