import { describe, expect, it } from 'vitest';
import { realClock } from '../clock.fixture.ts';
import { newestSize } from './newest-size.ts';
import { LIGHT_ABOVE, modeFor } from './node-mode.ts';
import { MemoryAnchorStore } from './stores.ts';
import { network, purls, TestLog, verifySignature } from './test-log.fixture.ts';

describe('the mode of a node', () => {
  it('goes by the size of the log unless somebody chose', () => {
    expect(modeFor('automatic', undefined)).toBe('full');
    expect(modeFor('automatic', LIGHT_ABOVE)).toBe('full');
    expect(modeFor('automatic', LIGHT_ABOVE + 1)).toBe('light');
    expect(modeFor('full', LIGHT_ABOVE + 1)).toBe('full');
    expect(modeFor('light', 2)).toBe('light');
  });
});

describe('the size of a log', () => {
  const ports = { trust: network.trust, verifySignature, clock: realClock };

  it('is that of the anchor, else of the newest checkpoint with a quorum', async () => {
    const log = await TestLog.create();
    await log.addVersions(purls(5));
    const anchors = new MemoryAnchorStore();
    const sources = [
      log.source('old', await log.note({ size: 2 })),
      log.source('new', await log.note()),
      log.source('liar', await log.note({ cosigners: [0] })),
    ];
    expect(await newestSize({ ...ports, anchors, sources })).toBe(log.size);
    expect(await newestSize({ ...ports, anchors, sources: [] })).toBeUndefined();
    const root = new Uint8Array(32);
    await anchors.save({ size: 77, root, checkpoint: new Uint8Array() });
    expect(await newestSize({ ...ports, anchors, sources })).toBe(77);
  });
});
