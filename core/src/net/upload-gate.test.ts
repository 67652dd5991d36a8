import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clock.fixture.ts';
import { createUploadGate, type UploadSettings } from './upload-gate.ts';

describe('createUploadGate', () => {
  it('lets everything pass without a limit and nothing when told not to serve', async () => {
    let settings: UploadSettings = { serve: true };
    const gate = createUploadGate({ clock: new ManualClock(), settings: () => settings });
    expect(await gate.admit(1e9)).toBe(true);
    settings = { serve: false };
    expect(await gate.admit(1)).toBe(false);
    settings = { serve: true, bytesPerSecond: 0 };
    expect(await gate.admit(1)).toBe(false);
  });

  it('spreads blocks over time, and refuses those that would wait too long', async () => {
    const clock = new ManualClock();
    const gate = createUploadGate({ clock, settings: () => ({ serve: true, bytesPerSecond: 1000 }) });
    const start = clock.elapsed();
    const admitted: number[] = [];
    const refused: number[] = [];
    for (let i = 0; i < 10; i++) {
      void gate.admit(1000).then((ok) => (ok ? admitted : refused).push(clock.elapsed() - start));
    }
    await clock.advance(20_000);
    expect(admitted).toEqual([0, 1000, 2000, 3000, 4000]);
    expect(refused).toHaveLength(5);
    expect(await gate.admit(1000)).toBe(true);
  });

  it('saves nothing up while it is idle', async () => {
    const clock = new ManualClock();
    const gate = createUploadGate({ clock, settings: () => ({ serve: true, bytesPerSecond: 1000 }) });
    await clock.advance(60_000);
    const start = clock.elapsed();
    const times: number[] = [];
    for (let i = 0; i < 3; i++) void gate.admit(1000).then(() => times.push(clock.elapsed() - start));
    await clock.advance(5000);
    expect(times).toEqual([0, 1000, 2000]);
  });

  it('obeys a change of mind while a block waits', async () => {
    const clock = new ManualClock();
    let serve = true;
    const gate = createUploadGate({ clock, settings: () => ({ serve, bytesPerSecond: 1000 }) });
    await gate.admit(1000);
    const waiting = gate.admit(1000);
    serve = false;
    await clock.advance(2000);
    expect(await waiting).toBe(false);
  });
});
