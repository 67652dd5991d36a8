import { expect, test } from 'vitest';
import { installIsStale } from './install.mjs';

const lock = {
  packages: {
    '': { version: '0.1.0' },
    core: { version: '0.1.0' },
    'node_modules/@assay/core': { link: true },
    'node_modules/idb': { version: '8.0.4', integrity: 'sha512-a' },
    'node_modules/fsevents': { version: '2.3.3', optional: true },
  },
};

test('an install with everything but other platforms’ packages is fresh', () => {
  const { '': _root, 'node_modules/fsevents': _optional, ...packages } = lock.packages;
  expect(installIsStale(lock, { packages })).toBe(false);
});

test('a missing, older or different package makes it stale', () => {
  const { 'node_modules/idb': idb, ...rest } = lock.packages;
  expect(installIsStale(lock, { packages: rest })).toBe(true);
  expect(
    installIsStale(lock, { packages: { ...rest, 'node_modules/idb': { ...idb, version: '8.0.3' } } }),
  ).toBe(true);
  expect(
    installIsStale(lock, { packages: { ...rest, 'node_modules/idb': { ...idb, integrity: 'sha512-b' } } }),
  ).toBe(true);
});
