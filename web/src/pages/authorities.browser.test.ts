import { describe, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import { authoritiesFixture } from '../testing/authority-fixtures.ts';
import { fixtureNow } from '../testing/fixtures.ts';
import { scenarios } from '../testing/scenarios.ts';
import { show, textOf } from '../testing/show.ts';

/** The text of an element with runs of space made one. */
function words(selector: string): string {
  return textOf(selector).replaceAll(/\s+/g, ' ').trim();
}

const row = (name: string) => words(`[data-authority="${name}"]`);
const consensus = () => words('section[aria-label="Consensus"]');
const freshness = () => words('section[aria-label="Freshness"]');
/** The code of the page is fetched when it is first shown. */
const soon = { timeout: 10_000 };
const rows = (selector: string) => document.querySelectorAll(selector).length;

describe('the authorities now', () => {
  it('are told to be well when all vote, with the leader and what waits', async () => {
    await show('/authorities');
    await expect.poll(() => document.querySelector('[data-health="idle"]'), soon).not.toBeNull();
    expect(consensus()).toContain('4 of 4; 3 must agree');
    expect(consensus()).toContain('Leads now Borneo');
    expect(consensus()).not.toContain('Not heard');
    expect(row('Borneo')).toContain('leads');
    expect(row('Ayla')).toContain('Votes');
    expect(row('Ayla')).toContain('3 of 3');
    expect(rows('[data-state="votes"]')).toBe(4);
  });

  it('show one that stops as soon as it is reported, without a reload', async () => {
    const { node } = await show('/authorities');
    await expect.poll(() => row('Delft'), soon).toContain('Votes');
    node.setAuthorities(authoritiesFixture({ stopped: ['Delft'] }));
    await expect
      .poll(() => row('Delft'), { timeout: 4000 })
      .toMatch(/Not heard since \d\d:\d\d \(5 min ago\)/);
    expect(consensus()).toContain('Not heard: Delft');
    expect(consensus()).toContain('3 of 4; 3 must agree');
  });

  it('are asked for again and again while the page is in sight, and the age of the report counts on', async () => {
    const { node } = await show('/authorities');
    const asked = () => node.calls.filter((call) => call === 'authorities').length;
    await expect.poll(asked, { timeout: 6000 }).toBeGreaterThan(2);
    await expect.poll(consensus, soon).toMatch(/reported by the relay, \d+ s ago/);
    const before = consensus();
    await expect.poll(consensus, { timeout: 3000 }).not.toBe(before);
  });

  it('say why nothing can become final when too many are gone', async () => {
    await show('/authorities', scenarios['halted']);
    await expect
      .poll(consensus)
      .toContain('Halted The log cannot grow: only 2 of 4 authorities can be reached');
    expect(consensus()).toContain('Not heard: Ayla, Delft');
  });

  it('say why one of them does not vote', async () => {
    await show('/authorities', scenarios['disk-full']);
    await expect.poll(() => row('Cassini'), soon).toContain('no space is left on the device');
    expect(consensus()).toContain('Halted: Cassini');
    expect(document.querySelector('[data-health="idle"]')).not.toBeNull();
  });

  it('say what waits and who is behind', async () => {
    await show('/authorities', scenarios['busy']);
    await expect.poll(consensus, soon).toContain('7 transactions wait');
    expect(row('Cassini')).toContain('3 behind');
  });

  it('are not made up when the relay does not answer; what was checked here stays', async () => {
    await show('/authorities', scenarios['offline']);
    await expect.poll(consensus, soon).toContain('Not known now');
    expect(rows('[data-state="unknown"]')).toBe(4);
    expect(freshness()).toContain('Final as of');
  });

  it('are a hundred rows that say who is missing', async () => {
    await show('/authorities', scenarios['hundred']);
    await expect.poll(() => rows('[data-authority]'), soon).toBe(100);
    expect(consensus()).toContain('89 of 100; 67 must agree');
    expect(consensus()).toContain('authority-050 and 5 more');
    expect(row('authority-003')).toContain('12 behind');
  });
});

describe('how fresh the log is', () => {
  it('is told by the signatures checked here', async () => {
    await show('/authorities');
    await expect.poll(freshness, soon).toMatch(/Final as of \d\d:\d\d \(3 of 4 signed in the last hour\)/);
    expect(freshness()).toContain('checked in this tab');
    expect(freshness()).not.toContain('more than a day');
  });

  it('is warned of when it is more than a day old, also in the header', async () => {
    await show('/authorities', scenarios['stale']);
    await expect.poll(freshness, soon).toContain('(0 of 4 signed in the last hour)');
    expect(freshness()).toContain('That is more than a day.');
    expect(document.querySelector('.chip')?.hasAttribute('data-stale')).toBe(true);
  });

  it('is not warned of in the header while it is less than a day old', async () => {
    await show('/authorities', { status: { freshAsOf: fixtureNow - 80_000 } });
    await expect.poll(freshness, soon).toContain('Final as of');
    expect(document.querySelector('.chip')?.hasAttribute('data-stale')).toBe(false);
  });
});

describe('what the authorities did', () => {
  it('names who equivocated, with the entry that proves it, and that it is suspended', async () => {
    await show('/authorities', scenarios['suspended']);
    await expect.poll(() => row('Delft'), soon).toContain('suspended');
    await expect.poll(() => words('main'), soon).toContain('Delft voted to finalise two blocks in one view');
    await page.getByRole('link', { name: 'Entry 11\u202f002' }).click();
    await expect.poll(() => location.pathname, soon).toBe('/log/11002');
  });

  it('names who saw what of a version on which they disagreed, and leads to it', async () => {
    await show('/authorities', scenarios['disagreements']);
    const disputed = () => words('[data-purl="pkg:npm/%40noble/hashes@2.3.0"]');
    await expect.poll(disputed, soon).toContain('Delft saw other bytes: hashes-2.3.0.tgz with SHA-256');
    expect(disputed()).toContain('Ayla, Borneo, Cassini same bytes');
    expect(words('[data-purl="pkg:npm/lodash-es@4.17.21"]')).toContain('Delft could not fetch it');
    expect(words('main')).toContain('1 bundle of attestations could not be had');
    await page.getByRole('link', { name: '@noble/hashes 2.3.0' }).click();
    await expect.poll(() => location.pathname, soon).toBe('/p/npm/@noble/hashes@2.3.0');
  });

  it('tells epoch by epoch who came, who went and why, each with its entry', async () => {
    await show('/authorities', scenarios['epochs']);
    const epoch = (number: number) => words(`[data-epoch="${number}"]`);
    await expect.poll(() => epoch(3), soon).toContain('delft left: it had equivocated entry 3 000');
    expect(epoch(3)).toContain('Ayla left entry 4 798');
    expect(epoch(3)).toContain('Fuji joined');
    expect(epoch(3)).toContain('4 of those before');
    expect(epoch(2)).toContain('etna joined entry 1 190');
    expect(epoch(2)).toContain('fresh keys to vote and cosign with: Ayla, Borneo, Cassini');
    expect(epoch(1)).toContain('the network was founded');
    expect(rows('[data-epoch]')).toBe(3);
  });

  it('is no more than reported in a light node, and the page says so', async () => {
    await show('/authorities', scenarios['light-node']);
    await expect.poll(() => words('main'), soon).toContain('A light node does not read the whole log');
    expect(words('main')).not.toContain('None in the');
    expect(rows('[data-epoch]')).toBe(1);
  });
});

describe('the way there', () => {
  it('leads over the network page, also at 320 pixels', async () => {
    await show('/', {}, { width: 320 });
    await page.getByRole('link', { name: 'Network', exact: true }).click();
    await expect
      .poll(() => words('main'), soon)
      .toContain('4 of 4 reachable; 3 must agree on every new entry.');
    await page.getByRole('link', { name: 'Authorities', exact: true }).first().click();
    await expect.element(page.getByRole('heading', { level: 1 })).toHaveTextContent('Authorities');
    const header = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Network' });
    await expect.element(header).toHaveAttribute('aria-current', 'page');
  });
});
