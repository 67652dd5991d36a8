import { expect, it } from 'vitest';
import { unwrap } from '@assay/core/errors/result.ts';
import { MemoryLogStore } from '@assay/core/log/log-store.ts';
import { TiledLog } from '@assay/core/log/tiled-log.ts';
import { LookupLog } from '@assay/core/lookup/lookup.fixture.ts';
import { emptyHead } from '@assay/core/records/log-head.ts';
import { LookupKeeper } from './lookup-keeper.ts';

/** A log of one package, its files, and the ledger of an authority at its end. */
async function setUp() {
  const made = await LookupLog.of([['pkg:npm/a@1.0.0']]);
  const store = new MemoryLogStore();
  const log = unwrap(await TiledLog.open(store, 0));
  const entries: Uint8Array[] = [];
  for await (const { bytes } of made.log.entries()) entries.push(bytes.slice());
  await log.append(entries);
  const { packages } = made;
  const ledger = { size: made.log.size, log: { ...emptyHead(made.network.trust), packages } };
  return { made, keeper: new LookupKeeper(store), ledger };
}

it('answers from the checkpoint that the final ledger stood at', async () => {
  const { made, keeper, ledger } = await setUp();
  expect(keeper.view).toBeUndefined();
  const note = made.checkpoint();
  await keeper.take(note, ledger);
  expect(keeper.view).toMatchObject({ checkpoint: note, packages: made.packages });
  expect(keeper.view?.log.size).toBe(made.log.size);
});

it('stays where it is while the ledger is ahead, and believes no checkpoint that its files do not lead to', async () => {
  const { made, keeper, ledger } = await setUp();
  await keeper.take(made.checkpoint(), { ...ledger, size: ledger.size + 2 });
  const other = await LookupLog.of([['pkg:npm/b@1.0.0']]);
  await keeper.take(other.checkpoint(), ledger);
  await keeper.take(new Uint8Array(9), ledger);
  expect(keeper.view).toBeUndefined();
});
