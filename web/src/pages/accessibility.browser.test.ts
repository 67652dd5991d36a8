import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import { scenarios } from '../testing/scenarios.ts';
import { show } from '../testing/show.ts';

/** Every page, in the states that look different. */
const pages: readonly [scenario: string, path: string][] = [
  ['starting', '/'],
  ['synced', '/'],
  ['syncing', '/'],
  ['first', '/'],
  ['offline', '/'],
  ['conflict', '/'],
  ['broken', '/'],
  ['synced', '/search?q=noble'],
  ['synced', '/search?q=is-odd'],
  ['synced', '/p/npm/@noble/hashes'],
  ['synced', '/p/npm/is-odd'],
  ['starting', '/p/npm/@noble/hashes@2.3.0'],
  ['synced', '/p/npm/@noble/hashes@2.3.0'],
  ['stale', '/p/npm/@noble/hashes@2.3.0'],
  ['mismatch', '/p/npm/@noble/hashes@2.3.0'],
  ['synced', '/p/npm/clsx@2.1.1'],
  ['synced', '/p/npm/is-odd@3.0.1'],
  ['broken', '/p/npm/is-odd@3.0.1'],
  ['synced', '/p/npm/@noble/hashes@2.3.0/files'],
  ['synced', '/p/npm/@noble/hashes@2.3.0/files/src/index.js'],
  ['synced', '/p/npm/clsx@2.1.1/files'],
  ['synced', '/request?purl=is-odd'],
  ['synced', '/verify'],
  ['synced', '/log'],
  ['first', '/log'],
  ['synced', '/log/0'],
  ['synced', '/log/12'],
  ['synced', '/log/10230'],
  ['synced', '/log/99999'],
  ['synced', '/log/checkpoint'],
  ['first', '/log/checkpoint'],
  ['synced', '/network'],
  ['offline', '/network'],
  ['synced', '/authorities'],
  ['one-stopped', '/authorities'],
  ['halted', '/authorities'],
  ['disk-full', '/authorities'],
  ['suspended', '/authorities'],
  ['epochs', '/authorities'],
  ['disagreements', '/authorities'],
  ['hundred', '/authorities'],
  ['stale', '/authorities'],
  ['offline', '/authorities'],
  ['light-node', '/authorities'],
  ['synced', '/storage'],
  ['empty', '/storage'],
  ['synced', '/settings'],
  ['synced', '/browser'],
  ['synced', '/help'],
  ['synced', '/help/canonical-cbor'],
  ['synced', '/nothing/clsx'],
];

const rules: axe.RunOptions = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] };

/** Shows a page and waits until it stands still. */
async function settle(scenario: string, path: string, how: Parameters<typeof show>[2]): Promise<void> {
  await show(path, scenarios[scenario] ?? {}, { ...how, withoutNode: scenario === 'starting' });
  await expect.element(page.getByRole('heading', { level: 1 })).toBeVisible();
  if (scenario !== 'starting')
    await expect.poll(() => document.querySelector('[aria-busy="true"]')).toBeNull();
}

describe.each(['light', 'dark'] as const)('in the %s theme axe finds nothing wrong', (theme) => {
  it.each(pages)('%s at %s', async (scenario, path) => {
    await settle(scenario, path, { theme });
    const { violations } = await axe.run(document.body, rules);
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    expect(found).toEqual([]);
  });
});

describe.each([320, 1280])(
  'at %i pixels nothing scrolls sideways and every target is large enough',
  (width) => {
    it.each(pages)('%s at %s', async (scenario, path) => {
      await settle(scenario, path, { width });
      const root = document.documentElement;
      expect(root.scrollWidth).toBeLessThanOrEqual(root.clientWidth);
      expect(smallTargets()).toEqual([]);
    });
  },
);

/** Buttons, fields and links outside running text that are lower than 24 pixels (WCAG 2.5.8). */
function smallTargets(): string[] {
  return [...document.querySelectorAll<HTMLElement>('button, input, summary, nav a, a[data-item], .button')]
    .filter((target) => target.checkVisibility() && target.getBoundingClientRect().height < 24)
    .filter((target) => !target.matches('label input, p a'))
    .map((target) => target.outerHTML);
}
