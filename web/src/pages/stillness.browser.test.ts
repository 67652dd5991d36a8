import { describe, expect, it } from 'vitest';
import { scenarios } from '../testing/scenarios.ts';
import { show } from '../testing/show.ts';

/** The part of a layout shift entry that counts; TypeScript's DOM types do not know it. */
interface LayoutShift extends PerformanceEntry {
  readonly value: number;
  readonly hadRecentInput: boolean;
}

const ANSWER_AFTER_MS = 60;
const SETTLED_AFTER_MS = 500;
/** Less than a line that grows by a pixel. */
const IMPERCEPTIBLE = 0.005;

const paths = [
  '/',
  '/search?q=noble',
  '/p/npm/clsx',
  '/p/npm/@noble/hashes@2.3.0',
  '/p/npm/clsx@2.1.1',
  '/p/npm/is-odd@3.0.1',
  '/verify',
  '/log',
  '/log/12',
  '/log/checkpoint',
  '/network',
  '/authorities',
  '/storage',
];

describe.each([320, 1280])('at %i pixels nothing moves when the node answers late', (width) => {
  it.each(paths)('%s', async (path) => {
    let shifted = 0;
    const observer = new PerformanceObserver((list) => {
      for (const shift of list.getEntries() as LayoutShift[]) {
        if (!shift.hadRecentInput) shifted += shift.value;
      }
    });
    await show(path, { ...scenarios['synced'], answerAfterMs: ANSWER_AFTER_MS }, { width });
    observer.observe({ type: 'layout-shift' });
    await new Promise((resolve) => setTimeout(resolve, SETTLED_AFTER_MS));
    observer.disconnect();
    expect(shifted).toBeLessThan(IMPERCEPTIBLE);
  });
});
