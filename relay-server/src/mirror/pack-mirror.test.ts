import { expect, it, vi } from 'vitest';
import { ManualClock } from '@assay/core/clock.fixture.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import type { CatalogueEntry } from '@assay/core/node/catalogue.ts';
import { rootOf } from '@assay/core/node/artifact-pack.ts';
import { makeProposal } from '@assay/core/records/network.fixture.ts';
import type { Verification } from '@assay/core/verify/types.ts';
import { PackMirror } from './pack-mirror.ts';

const record = makeProposal('pkg:npm/a@1.0.0', utf8('some bytes')) as CatalogueEntry['record'];
const [artifact] = record.artifacts;
const outcome = (verdict: Verification['verdict']): Verification => ({ verdict, rungs: [] }) as never;

it('calls a pack coming from its record on until it is held, also while a failed fetch waits to be repeated', async () => {
  if (artifact === undefined) throw new TypeError('the record names an artifact');
  const clock = new ManualClock();
  const onFailure = vi.fn<() => void>();
  const fetch = vi.fn<() => Promise<Verification>>(() => Promise.resolve(outcome('could-not-check')));
  const mirror = new PackMirror({
    node: { fetch, holds: () => Promise.resolve(false) },
    clock,
    onFailure,
  });
  expect(mirror.isComing(rootOf(artifact))).toBe(false);
  mirror.add([{ record } as CatalogueEntry]);
  await clock.advance(0);
  expect(onFailure).toHaveBeenCalledOnce();
  expect([mirror.missing, mirror.isComing(rootOf(artifact))]).toEqual([1, true]);
  fetch.mockResolvedValue(outcome('verified'));
  await clock.advance(1_000);
  expect([mirror.missing, mirror.isComing(rootOf(artifact))]).toEqual([0, false]);
});
