import { expect, it } from 'vitest';
import { TestLog } from '@assay/core/node/test-log.fixture.ts';
import { addressesInLog } from './addresses.ts';

it('finds where those who joined later are reached, in the records that end each epoch', async () => {
  const log = await TestLog.create();
  await log.addVersions(['pkg:npm/tiny@1.0.0']);
  await log.changeAuthorities({ add: ['etna'] });
  await log.addVersions(['pkg:npm/tiny@1.1.0']);
  const before = log.size;
  await log.changeAuthorities({ add: ['fuji'] });
  const { trust, store, size } = log;
  const found = await addressesInLog(store, size, trust);
  expect([...found.keys()].toSorted()).toEqual(['etna', 'fuji']);
  for (const addresses of found.values()) expect(addresses.length).toBeGreaterThan(0);
  expect([...(await addressesInLog(store, before, trust)).keys()]).toEqual(['etna']);
});

it('finds nothing in a log that is not there yet, or without later epochs', async () => {
  const log = await TestLog.create();
  expect((await addressesInLog(log.store, log.size, log.trust)).size).toBe(0);
  await log.changeAuthorities({ add: ['etna'] });
  expect((await addressesInLog(log.store, 0, log.trust)).size).toBe(0);
});
