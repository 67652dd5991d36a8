import axe from 'axe-core';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { VerdictWord } from '@assay/core/verify/types.ts';
import { describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { verdictWords } from '../components/verdicts.ts';
import type { FakeNodeOptions } from '../testing/fake-node.ts';
import { fakeHex } from '../testing/fixtures.ts';
import { show, textOf, type ShowOptions } from '../testing/show.ts';
import { verificationFixture } from '../testing/verifications.ts';

const CLSX = 'clsx-2.1.1.tgz';
const CHANGED = `changed-${CLSX}`;
const file = (name: string, content: BlobPart = 'bytes'): File => new File([content], name);
const evidence = (artifact: string): File =>
  file('clsx.evidence.json', JSON.stringify({ format: 'assay-evidence/1', artifact }));

const card = (name: string): HTMLElement | null => document.querySelector(`[data-file="${name}"]`);
const verdictOf = (name: string): string | null | undefined =>
  card(name)?.querySelector('[data-verdict]')?.getAttribute('data-verdict');

/** Drops files somewhere on the page. */
function drop(...files: readonly File[]): void {
  const dataTransfer = new DataTransfer();
  for (const one of files) dataTransfer.items.add(one);
  const event = { dataTransfer, bubbles: true, cancelable: true };
  document.body.dispatchEvent(new DragEvent('dragover', event));
  document.body.dispatchEvent(new DragEvent('drop', event));
}

async function showAndDrop(files: readonly File[], options: FakeNodeOptions = {}, how: ShowOptions = {}) {
  const shown = await show('/verify', options, how);
  await expect.element(page.getByRole('heading', { level: 1 })).toHaveTextContent('Verify a file');
  drop(...files);
  return shown;
}

describe('a file', () => {
  it.each(Object.entries(verdictWords) as [VerdictWord, string][])(
    'is %s: in word, announcement and title',
    async (verdict, words) => {
      await showAndDrop([file(CLSX)], { verifyFile: (_, view) => verificationFixture(view, { verdict }) });
      await expect.poll(() => verdictOf(CLSX)).toBe(verdict);
      expect(card(CLSX)?.textContent).toContain(words);
      expect(document.title).toBe(`${words}: ${CLSX} · Assay`);
      await expect.poll(() => textOf('[data-live="polite"]')).toBe(`${CLSX}: ${words}`);
      expect(document.querySelectorAll('[data-rung]')).toHaveLength(7);
    },
  );

  it('can be chosen with the button, also the same one twice', async () => {
    const { node } = await show('/verify');
    await expect
      .element(page.getByRole('button', { name: /^Drop files here, or choose them/ }))
      .toBeVisible();
    const input = document.querySelector<HTMLInputElement>('input[type="file"]');
    if (input === null) throw new Error('there is no file input');
    for (const times of [1, 2]) {
      await userEvent.upload(input, file(CLSX));
      await expect.poll(() => node.calls.filter((call) => call === `verifyFile ${CLSX}`)).toHaveLength(times);
    }
  });

  it('leads to the version that records it', async () => {
    await showAndDrop([file(CLSX)]);
    await page.getByRole('link', { name: 'clsx 2.1.1' }).click();
    await expect.element(page.getByRole('heading', { level: 1 })).toHaveTextContent('clsx 2.1.1');
  });

  it('is taken on the home page too', async () => {
    await show('/');
    await expect.element(page.getByRole('button', { name: /^Drop a file to verify/ })).toBeVisible();
    drop(file(CLSX));
    await expect.poll(() => verdictOf(CLSX)).toBe('verified');
    expect(location.pathname).toBe('/verify');
  });

  it('waits for a node that is still being loaded', async () => {
    const { context, node } = await showAndDrop([file(CLSX)], {}, { withoutNode: true });
    await expect.element(page.getByText('Waiting for its turn …')).toBeVisible();
    await context.node.connect(async () => node);
    await expect.poll(() => verdictOf(CLSX)).toBe('verified');
  });

  it('may be empty, and larger than what is read at a time', async () => {
    const megabyte = new Uint8Array(1024 * 1024);
    const large = new File(
      Array.from({ length: 300 }, () => megabyte),
      'large.tgz',
    );
    await showAndDrop([file('empty.tgz', ''), large]);
    await expect.poll(() => verdictOf('large.tgz')).toBe('not-in-log');
    expect(card('empty.tgz')?.textContent).toContain('0 bytes');
    expect(card('large.tgz')?.textContent).toContain('314.6 MB');
  });

  it('is read with progress, and can be stopped', async () => {
    const step = { phase: 'hashing', done: 250e6, size: 1e9, bytesPerSecond: 200e6 } as const;
    await showAndDrop([file(CLSX)], { fileSteps: [step], fileEnds: false });
    await expect.element(page.getByText('Hashing: 250.0 MB of 1.0 GB · 200.0 MB/s')).toBeVisible();
    await expect
      .element(page.getByRole('progressbar', { name: `Reading ${CLSX}` }))
      .toHaveAttribute('aria-valuenow', '25');
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(card(CLSX)).toBeNull();
  });

  it('that cannot be read could not be checked, and says why', async () => {
    await showAndDrop([file(CLSX)], { failure: new AssayError('E_CONTENT_UNREADABLE') });
    await expect.poll(() => verdictOf(CLSX)).toBe('could-not-check');
    expect(textOf('[role="alert"]')).toContain('The file could not be read to its end.');
    await expect.element(page.getByRole('button', { name: 'Check again' })).toBeVisible();
  });
});

describe('a file without a record', () => {
  it('is said to be unknown by its bytes, among how many entries', async () => {
    await showAndDrop([file('strange.tgz')]);
    await expect
      .element(page.getByText('None of the 12\u202f480 entries this tab has checked records these bytes.'))
      .toBeVisible();
  });

  it('could not be checked before the log is synced, and is checked again when more of it is here', async () => {
    const open = verificationFixture(undefined, { verdict: 'could-not-check', missing: ['record'] });
    const { node } = await showAndDrop([file('strange.tgz')], {
      status: { phase: 'syncing', size: 3200 },
      verifyFile: () => ({ ...open, purl: `sha256:${fakeHex(9)}` }),
    });
    await expect
      .element(
        page.getByText('None of the 3\u202f200 entries checked so far records these bytes.', {
          exact: false,
        }),
      )
      .toBeVisible();
    node.setStatus({ phase: 'synced', size: 12_480 });
    await expect.poll(() => node.calls.filter((call) => call.startsWith('verifyFile'))).toHaveLength(2);
  });

  it('is compared with the version that has a file of its name', async () => {
    await showAndDrop([file(CHANGED)]);
    await expect.poll(() => verdictOf(CHANGED)).toBe('not-in-log');
    await page.getByRole('button', { name: 'clsx 2.1.1' }).click();
    await expect.poll(() => verdictOf(CHANGED)).toBe('mismatch');
    await expect.element(page.getByText('Do not use this file.', { exact: false })).toBeVisible();
  });

  it('is compared with the version it should be, or asked for', async () => {
    const { node } = await showAndDrop([file('strange.tgz')]);
    const field = page.getByLabelText('Which version should it be?');
    await field.fill('clsx');
    await expect.element(page.getByText('Name the version too', { exact: false })).toBeVisible();
    await field.fill('clsx@v2.1.1');
    await expect
      .element(page.getByRole('link', { name: 'Request it' }))
      .toHaveAttribute('href', '/request?purl=pkg%3Anpm%2Fclsx%402.1.1');
    await userEvent.keyboard('{Enter}');
    await expect.poll(() => node.calls).toContain('verifyFile strange.tgz pkg:npm/clsx@2.1.1');
    await expect.poll(() => verdictOf('strange.tgz')).toBe('mismatch');
  });
});

describe('several files', () => {
  it('are checked one after the other and counted, the worst first', async () => {
    await showAndDrop([file(CLSX), file('strange.tgz'), file('hashes-2.3.0.tgz')]);
    await expect.element(page.getByText('3 files: 1 Not in log, 2 Verified')).toBeVisible();
    expect([...document.querySelectorAll('details:not([data-rung] details)')]).toHaveLength(3);
    await page.getByRole('button', { name: `Take ${CLSX} off this page` }).click();
    await expect.element(page.getByText('2 files: 1 Not in log, 1 Verified')).toBeVisible();
    await page.getByRole('button', { name: 'Clear' }).click();
    expect(document.querySelector('[data-file]')).toBeNull();
  });

  it('with evidence among them: it is checked with the file it is about', async () => {
    const { node } = await showAndDrop([evidence(CLSX), file('other.tgz'), file(CLSX)]);
    await expect.poll(() => verdictOf('clsx.evidence.json')).toBe('verified');
    expect(node.calls).toContain(`verifyEvidence ${CLSX}`);
  });

  it('evidence alone leaves the file open', async () => {
    await showAndDrop([evidence(CLSX)]);
    await expect.poll(() => verdictOf('clsx.evidence.json')).toBe('could-not-check');
    await expect
      .element(page.getByText('drop it together with its evidence', { exact: false }))
      .toBeVisible();
  });
});

describe('a digest', () => {
  it('leads to the version, however it was pasted', async () => {
    await show('/verify');
    await page.getByLabelText('SHA-256').fill(`sha256:${fakeHex(10_230).toUpperCase()}`);
    await expect.element(page.getByRole('link', { name: /clsx 2.1.1/ })).toBeVisible();
  });

  it('comes with the address, and is not in the log only when all of the log is here', async () => {
    const { node } = await show(`/verify#sha256=${fakeHex(3)}`, { status: { phase: 'syncing', size: 9 } });
    await expect.element(page.getByText('Could not check: this tab', { exact: false })).toBeVisible();
    node.setStatus({ phase: 'synced', size: 12_480 });
    await expect
      .element(page.getByText('Not in log: none of the 12\u202f480', { exact: false }))
      .toBeVisible();
  });
});

describe.each(['light', 'dark'] as const)('results in the %s theme', (theme) => {
  it.each([320, 1280])('fit %i pixels and pass axe', async (width) => {
    const name = `a-name-without-any-place-to-break-it-${'x'.repeat(60)}.tgz`;
    await showAndDrop([file(CLSX), file(CHANGED), file(name), evidence(CLSX)], {}, { theme, width });
    await expect.poll(() => document.querySelectorAll('[data-verdict]').length).toBe(4);
    const root = document.documentElement;
    expect(root.scrollWidth).toBeLessThanOrEqual(root.clientWidth);
    const { violations } = await axe.run(document.body, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa', 'best-practice'],
    });
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual(
      [],
    );
  });
});
