import { describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { versionFixture } from '../testing/fixtures.ts';
import { logged, scenarios } from '../testing/scenarios.ts';
import { show, textOf } from '../testing/show.ts';

const heading = () => page.getByRole('heading', { level: 1 });

describe('navigation', () => {
  it('changes the page, the title and the focus, without a reload', async () => {
    await show('/');
    await page.getByRole('link', { name: 'Network', exact: true }).click();
    await expect.element(heading()).toHaveTextContent('Network');
    expect(location.pathname).toBe('/network');
    expect(document.title).toBe('Network · Assay');
    await expect.poll(() => document.activeElement?.tagName).toBe('H1');
  });

  it('goes back and forward with the browser', async () => {
    const { context } = await show('/log');
    context.router.navigate('/settings');
    await expect.element(heading()).toHaveTextContent('Settings');
    history.back();
    await expect.element(heading()).toHaveTextContent('Log');
    history.forward();
    await expect.element(heading()).toHaveTextContent('Settings');
  });

  it('returns to where the reader had scrolled', async () => {
    const { context } = await show('/log');
    await expect.element(page.getByRole('row').last()).toBeInTheDocument();
    window.scrollTo(0, 600);
    context.router.navigate('/settings');
    await expect.element(heading()).toHaveTextContent('Settings');
    expect(window.scrollY).toBe(0);
    history.back();
    await expect.poll(() => window.scrollY).toBe(600);
  });

  it('leads from an error code to its very explanation', async () => {
    await show('/p/npm/is-odd@3.0.1', scenarios['broken']);
    await page.getByRole('link', { name: 'E_UNREACHABLE' }).click();
    await expect.element(heading()).toHaveTextContent('Unreachable');
    expect(location.hash).toBe('#E_UNREACHABLE');
    await expect.element(page.getByText('The other side cannot be reached.')).toBeInViewport();
  });

  it('offers a search at an address that leads nowhere', async () => {
    await show('/nothing/clsx');
    await expect.element(heading()).toHaveTextContent('No page at this address');
    await expect.element(page.getByRole('link', { name: 'clsx' })).not.toBeInTheDocument();
  });
});

describe('searching', () => {
  it('begins with a slash, goes on with the arrows and ends at the version', async () => {
    await show('/log');
    await expect.element(page.getByRole('searchbox')).toBeVisible();
    await userEvent.keyboard('/');
    await userEvent.keyboard('noble{Enter}');
    await expect.element(heading()).toHaveTextContent('Search noble');
    await expect.element(page.getByText('2 results in', { exact: false }).first()).toBeVisible();
    await userEvent.keyboard('/');
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{Enter}');
    await expect.element(heading()).toHaveTextContent('@noble/hashes 2.2.1');
  });

  it('follows each keystroke and keeps the space between two words', async () => {
    await show('/search');
    await page.getByRole('searchbox').fill('');
    await userEvent.type(page.getByRole('searchbox'), 'noble audited');
    await expect.element(page.getByRole('searchbox')).toHaveValue('noble audited');
    expect(new URL(location.href).searchParams.get('q')).toBe('noble audited');
    await expect.element(page.getByRole('link', { name: /@noble\/hashes 2.3.0/ })).toBeVisible();
  });

  it('leaves the slash alone when the reader has turned shortcuts off', async () => {
    const { context } = await show('/log');
    context.settings.shortcuts = false;
    await userEvent.keyboard('/');
    expect(document.activeElement?.tagName).not.toBe('INPUT');
    context.settings.shortcuts = true;
  });

  it('offers to request what is not in the log', async () => {
    await show('/search?q=is-odd');
    await expect
      .element(page.getByText('Nothing in the 12\u202f480 entries this node has seen.'))
      .toBeVisible();
    await page.getByRole('link', { name: 'Request it' }).click();
    await expect.element(page.getByLabelText('Package', { exact: true })).toHaveValue('pkg:npm/is-odd');
  });
});

describe('what the node knows', () => {
  it.each([
    ['synced', 'Synced'],
    ['syncing', 'Syncing · 3\u202f200 of 12\u202f480'],
    ['offline', 'Offline · last view 2 h ago'],
    ['conflict', 'Conflict'],
  ])('%s: the chip says %s', async (scenario, text) => {
    await show('/network', scenarios[scenario]);
    await expect.poll(() => textOf('[popovertarget]')).toContain(text);
  });

  it('is asked for again from the panel of the chip', async () => {
    const { node } = await show('/network');
    await page.getByRole('button', { name: /^Synced/ }).click();
    await page.getByRole('button', { name: 'Sync now' }).click();
    expect(node.calls).toContain('syncNow');
  });

  it('raises an alarm on every page when two checkpoints contradict each other', async () => {
    await show('/help', scenarios['conflict']);
    await expect.poll(() => textOf('[role="alert"]')).toMatch(/Two checkpoints contradict each other/);
    await expect.poll(() => textOf('[role="alert"]')).toMatch(/Ayla, Borneo/);
    await expect.poll(() => textOf('[role="alert"]')).toMatch(/first 12.000 entries are in both histories/);
  });

  it('is said to be nothing when the node cannot start', async () => {
    const { context } = await show('/', {}, { withoutNode: true });
    await context.node.connect(async () => {
      throw new Error('IndexedDB is blocked');
    });
    await expect.poll(() => textOf('main')).toContain('IndexedDB is blocked');
    await expect.poll(() => textOf('[popovertarget]')).toContain('Stopped');
  });
});

describe('new entries', () => {
  const fresh = versionFixture({
    name: 'is-odd',
    version: '3.0.1',
    description: 'Says whether a number is odd.',
    size: 900,
    index: 12_480,
    secondsAgo: 0,
  });

  it('appear on the home page without a reload', async () => {
    const { node } = await show('/');
    await expect.element(page.getByRole('link', { name: /clsx/ })).toBeVisible();
    node.add(fresh);
    await expect.element(page.getByRole('link', { name: /is-odd/ })).toBeVisible();
  });

  it('wait while the log is paused', async () => {
    const { node } = await show('/log');
    await expect.element(page.getByRole('link', { name: '12\u202f479' })).toBeVisible();
    await page.getByRole('button', { name: 'Pause' }).click();
    node.add(fresh);
    await expect.element(page.getByRole('button', { name: 'Go on (2 new entries)' })).toBeVisible();
    await expect.element(page.getByRole('link', { name: '12\u202f480' })).not.toBeInTheDocument();
    await page.getByRole('button', { name: /^Go on/ }).click();
    await expect.element(page.getByRole('link', { name: 'is-odd 3.0.1' })).toBeVisible();
  });
});

describe('what is stored', () => {
  it('is pinned, removed and resumed', async () => {
    const { node } = await show('/storage', scenarios['synced']);
    await page.getByRole('button', { name: 'Pin hashes-2.3.0.tgz' }).click();
    expect(node.calls).toContain('pin pkg:npm/%40noble/hashes@2.3.0 hashes-2.3.0.tgz true');
    await page.getByRole('button', { name: 'Remove lodash-es-4.17.21.tgz' }).click();
    await expect
      .element(page.getByRole('button', { name: 'Remove lodash-es-4.17.21.tgz' }))
      .not.toBeInTheDocument();
    await page.getByRole('button', { name: 'Resume' }).click();
    expect(node.calls).toContain('fetch pkg:npm/clsx@2.1.1 clsx-2.1.1.tgz');
  });

  it('is deleted only after the word has been typed', async () => {
    const { node } = await show('/storage');
    await page.getByRole('button', { name: 'Delete everything …' }).click();
    const confirm = page.getByRole('button', { name: 'Delete everything', exact: true });
    await expect.element(confirm).toBeDisabled();
    await page.getByRole('textbox', { name: /^Type/ }).fill('delete');
    await confirm.click();
    await expect.poll(() => node.calls).toContain('reset');
  });
});

describe('what a reload has interrupted', () => {
  it('is taken up again: downloads go on, requests are followed', async () => {
    const { node } = await show('/', {
      interrupted: [{ purl: 'pkg:npm/clsx@2.1.1', artifact: 'clsx-2.1.1.tgz' }],
      openRequests: ['pkg:npm/is-odd'],
      requestSteps: [logged],
    });
    await expect.poll(() => node.calls).toContain('fetch pkg:npm/clsx@2.1.1 clsx-2.1.1.tgz');
    expect(node.calls).toContain('request pkg:npm/is-odd');
    await page.getByRole('button', { name: 'Check it' }).click();
    await expect.element(heading()).toHaveTextContent('clsx 2.1.1');
    await expect.element(page.getByRole('button', { name: 'Check it' })).not.toBeInTheDocument();
  });
});

describe('ages', () => {
  it('count on by themselves', async () => {
    await show('/log', { status: { freshAsOf: Math.floor(Date.now() / 1000) } });
    await expect.poll(() => textOf('[popovertarget]')).toContain('just now');
    await expect.poll(() => textOf('[popovertarget]'), { timeout: 4000 }).toContain('2 s ago');
  });
});
