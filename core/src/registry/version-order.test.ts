import { describe, expect, it } from 'vitest';
import { compareVersions, latestOf } from './version-order.ts';

const inOrder = [
  '0.9.9',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-rc.1',
  '1.0.0',
  '1.2.0',
  '1.10.0',
  '2.0.0',
];

describe('compareVersions', () => {
  it('orders by SemVer precedence', () => {
    expect(inOrder.toReversed().toSorted(compareVersions)).toEqual(inOrder);
    expect(compareVersions('1.0.0+a', '1.0.0+b')).toBe(0);
  });
});

describe('latestOf', () => {
  it('prefers releases', () => {
    const versions = [...inOrder, '3.0.0-rc.1'].map((version) => ({ version }));
    expect(latestOf(versions)).toEqual({ version: '2.0.0' });
    expect(latestOf([{ version: '1.0.0-a' }, { version: '1.0.0-b' }])).toEqual({ version: '1.0.0-b' });
    expect(latestOf([])).toBeUndefined();
  });
});
