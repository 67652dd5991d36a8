import type { RungId, VerdictWord } from '@assay/core/verify/types.ts';
import { describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { cleanup } from 'vitest-browser-svelte';
import { rungTitles } from '../components/rungs.ts';
import { verdictWords } from '../components/verdicts.ts';
import { scenarios } from '../testing/scenarios.ts';
import { show, textOf } from '../testing/show.ts';
import { verificationFixture } from '../testing/verifications.ts';

const held = '/p/npm/@noble/hashes@2.3.0';
const notHeld = '/p/npm/clsx@2.1.1';
const rung = (id: RungId): Element | null => document.querySelector(`[data-rung="${id}"]`);
const verdict = (): Element | null => document.querySelector('[data-verdict]');

describe('the verdict', () => {
  it.each(Object.entries(verdictWords) as [VerdictWord, string][])(
    'is shown as %s in word, outline and announcement',
    async (word, text) => {
      await show(held, { verify: (view) => verificationFixture(view, { verdict: word }) });
      await expect.poll(() => verdict()?.getAttribute('data-verdict')).toBe(word);
      expect(verdict()?.textContent).toContain(text);
      expect(verdict()?.textContent).toContain('computed here');
      expect(document.querySelector('[data-live="assertive"]')?.textContent).toContain(`${text}.`);
    },
  );

  it('has five different outlines, so that no colour is needed to tell them apart', async () => {
    const outlines = new Set<string>();
    for (const word of Object.keys(verdictWords) as VerdictWord[]) {
      await show(held, { verify: (view) => verificationFixture(view, { verdict: word }) });
      await expect.poll(() => verdict()?.getAttribute('data-verdict')).toBe(word);
      outlines.add(verdict()?.querySelector('svg')?.innerHTML ?? '');
      await cleanup();
    }
    expect(outlines.size).toBe(5);
  });

  it('is not given before the node has computed it', async () => {
    await show(held, {}, { withoutNode: true });
    await expect.element(page.getByText('Checking …').first()).toBeVisible();
    expect(verdict()).toBeNull();
    expect(document.querySelectorAll('[data-rung][data-state="pending"]')).toHaveLength(7);
  });
});

describe('the evidence ladder', () => {
  it.each(Object.keys(rungTitles) as RungId[])('shows that the rung %s has failed, and why', async (id) => {
    await show(held, { verify: (view) => verificationFixture(view, { failed: [id] }) });
    await expect.poll(() => rung(id)?.getAttribute('data-state')).toBe('fail');
    expect(rung(id)?.querySelector('.title')?.textContent).toBe(rungTitles[id]);
    expect(rung(id)?.querySelector('.visually-hidden')?.textContent).toBe(': failed.');
    expect(rung(id)?.querySelector('details')?.open).toBe(true);
    expect(rung(id)?.querySelector('a[href^="/help/"]')).not.toBeNull();
    expect(document.querySelectorAll('[data-state="fail"]')).toHaveLength(1);
  });

  it('leaves open what it could not check', async () => {
    await show(notHeld);
    await expect.poll(() => rung('bytes')?.getAttribute('data-state')).toBe('missing');
    expect(rung('record')?.getAttribute('data-state')).toBe('pass');
    expect(verdict()?.getAttribute('data-verdict')).toBe('could-not-check');
  });

  it('opens to the raw bytes by keyboard', async () => {
    await show(held);
    await expect.poll(() => rung('inclusion')?.getAttribute('data-state')).toBe('pass');
    rung('inclusion')?.querySelector('summary')?.focus();
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByText('Sibling at level 13')).toBeVisible();
  });

  it('computes everything again when asked', async () => {
    const { node } = await show(held);
    await expect.element(page.getByText('computed here · 19 ms')).toBeVisible();
    const before = node.calls.filter((call) => call.startsWith('verify')).length;
    await page.getByRole('button', { name: 'Run again' }).last().click();
    await expect.poll(() => node.calls.filter((call) => call.startsWith('verify')).length).toBe(before + 1);
  });
});

describe('the file', () => {
  it('is fetched on demand, then verified with its bytes and offered for saving', async () => {
    const { node } = await show(notHeld);
    await page.getByRole('button', { name: 'Get it' }).click();
    await expect.element(page.getByRole('button', { name: 'Save file' })).toBeVisible();
    expect(node.calls).toContain('verify pkg:npm/clsx@2.1.1 clsx-2.1.1.tgz');
    expect(verdict()?.getAttribute('data-verdict')).toBe('verified');
  });

  it('says how much is here, from whom, and who was dropped for what', async () => {
    await show(notHeld, scenarios['receiving']);
    await page.getByRole('button', { name: 'Get it' }).click();
    await expect.element(page.getByText('Receiving 15 of 23 blocks')).toBeVisible();
    await expect
      .element(page.getByRole('progressbar', { name: 'Download' }))
      .toHaveAttribute('aria-valuenow', '65');
    await expect.element(page.getByText('relay-3 (mirror) dropped.')).toBeVisible();
    await expect
      .element(page.getByText('does not have the hash it is named by', { exact: false }))
      .toBeVisible();
  });

  it('can be stopped', async () => {
    await show(notHeld, scenarios['receiving']);
    await page.getByRole('button', { name: 'Get it' }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect.element(page.getByRole('button', { name: 'Get it' })).toBeVisible();
  });

  it('says why nobody delivered it, and offers to try again', async () => {
    await show(notHeld, scenarios['fetch-failed']);
    await page.getByRole('button', { name: 'Get it' }).click();
    await expect
      .poll(() => textOf('[role="alert"]'))
      .toMatch(/Nobody delivered clsx-2.1.1.tgz.*All 4 sources/s);
    await expect.element(page.getByRole('button', { name: 'Try again' })).toBeVisible();
  });

  it('is not given out when a check has failed', async () => {
    await show(held, scenarios['mismatch']);
    await expect.poll(() => verdict()?.getAttribute('data-verdict')).toBe('mismatch');
    await expect.element(page.getByRole('button', { name: 'Save file' })).toBeDisabled();
  });

  it('is read verified before it is saved', async () => {
    const picker = vi.fn<(options: { suggestedName: string }) => Promise<object>>(async () => ({
      createWritable: async () => ({ write: async () => undefined, close: async () => undefined }),
    }));
    vi.stubGlobal('showSaveFilePicker', picker);
    const { node } = await show(held);
    await page.getByRole('button', { name: 'Save file' }).click();
    await expect.element(page.getByText('hashes-2.3.0.tgz saved')).toBeVisible();
    expect(picker).toHaveBeenCalledWith({ suggestedName: 'hashes-2.3.0.tgz' });
    expect(node.calls).toContain('read pkg:npm/%40noble/hashes@2.3.0 hashes-2.3.0.tgz');
    vi.unstubAllGlobals();
  });
});

describe('what is inside the verified bytes', () => {
  const install = (): string => textOf('[data-install]');

  it('tells of scripts that run on installing', async () => {
    await show(held, { packageJson: { scripts: { postinstall: 'node <b>build.js', test: 'x' } } });
    await expect.poll(install).toMatch(/Runs a script when it is installed:.*postinstall: node <b>build.js/s);
    expect(install()).not.toContain('test');
  });

  it('tells that there is none', async () => {
    await show(held, { packageJson: { bin: { hash: './cli.js' } } });
    await expect.poll(install).toMatch(/^\s*none\s*$/);
    await expect.element(page.getByText('hash', { exact: true })).toBeVisible();
  });

  it.each([
    ['are not here', notHeld, {}],
    ['do not match', held, scenarios['mismatch']],
  ])('tells nothing while the bytes %s', async (_, path, options) => {
    const { node } = await show(path, options);
    await expect.poll(() => verdict()?.getAttribute('data-verdict')).toBeTruthy();
    expect(install()).toContain('not known yet');
    expect(node.calls.filter((call) => call.startsWith('file'))).toEqual([]);
    await expect.element(page.getByText('README.md')).not.toBeInTheDocument();
  });

  it('shows the README as plain text when it is opened', async () => {
    const { node } = await show(held);
    await page.getByText('README.md', { exact: true }).click();
    await expect.poll(() => textOf('[data-readme]')).toContain('// README.md\n\nexport function');
    expect(document.querySelector('[data-readme]')?.childElementCount).toBe(0);
    expect(node.calls).toContain('file pkg:npm/%40noble/hashes@2.3.0 hashes-2.3.0.tgz README.md');
  });
});

describe('a version that is not in the log', () => {
  it('is said to be so, and can be requested', async () => {
    await show('/p/npm/is-odd@3.0.1');
    await expect.poll(() => verdict()?.getAttribute('data-verdict')).toBe('not-in-log');
    await page.getByRole('link', { name: 'Request it' }).click();
    await expect.element(page.getByLabelText('Package', { exact: true })).toHaveValue('pkg:npm/is-odd@3.0.1');
  });

  it('appears without a reload when the log grows by it', async () => {
    const { node } = await show('/p/npm/is-odd@3.0.1');
    await expect.element(page.getByRole('link', { name: 'Request it' })).toBeVisible();
    const { versionFixture } = await import('../testing/fixtures.ts');
    node.add(
      versionFixture({
        name: 'is-odd',
        version: '3.0.1',
        description: 'Says whether a number is odd.',
        size: 900,
        index: 12_480,
        secondsAgo: 0,
      }),
    );
    await expect.element(page.getByRole('button', { name: 'Get it' })).toBeVisible();
    await expect.poll(() => rung('record')?.getAttribute('data-state')).toBe('pass');
  });
});
