import { describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { scenarios } from '../testing/scenarios.ts';
import { show, textOf } from '../testing/show.ts';

const row = (authority: string): Element | null => document.querySelector(`[data-authority="${authority}"]`);

describe('requesting a package', () => {
  it('reads what people type, and says what it will ask for', async () => {
    const { node } = await show('/request', scenarios['agreeing']);
    await page.getByLabelText('Package', { exact: true }).fill('@noble/hashes@v2.3.1');
    await expect.element(page.getByText('pkg:npm/%40noble/hashes@2.3.1')).toBeVisible();
    await userEvent.keyboard('{Enter}');
    await expect.poll(() => node.calls).toContain('request pkg:npm/%40noble/hashes@2.3.1');
  });

  it('sends nothing that is no package, and says what is wrong', async () => {
    await show('/request?purl=not%20a%20package');
    await expect.element(page.getByRole('button', { name: 'Request', exact: true })).toBeDisabled();
    await expect
      .element(page.getByLabelText('Package', { exact: true }))
      .toHaveAttribute('aria-invalid', 'true');
  });

  it('sends nothing of its own when it is opened by a link', async () => {
    const { node } = await show('/request?purl=is-odd');
    await expect.element(page.getByRole('button', { name: 'Request', exact: true })).toBeEnabled();
    expect(node.calls.filter((call) => call.startsWith('request'))).toEqual([]);
  });

  it('follows the authorities until they agree', async () => {
    await show('/request?purl=is-odd', scenarios['agreeing']);
    await page.getByRole('button', { name: 'Request', exact: true }).click();
    await expect.element(page.getByText('Agreed by 2 of 4; 3 needed')).toBeVisible();
    expect(row('Ayla')?.textContent).toContain('Attested');
    expect(row('Cassini')?.textContent).toContain('Fetching');
    expect(row('Delft')?.textContent).toContain('Waiting');
  });

  it('names who saw what when too few agree', async () => {
    await show('/request?purl=is-odd', scenarios['disagreed']);
    await page.getByRole('button', { name: 'Request', exact: true }).click();
    await expect
      .poll(() => textOf('[role="alert"]'))
      .toMatch(/2 of 4 authorities agree on these bytes; 3 are needed/);
    expect(row('Ayla')?.textContent).toContain('Result A');
    expect(row('Borneo')?.textContent).toContain('Result A');
    expect(row('Cassini')?.textContent).toContain('Result B');
    expect(row('Delft')?.textContent).toContain('E_UPSTREAM_UNREACHABLE');
  });

  it('leads to the version page, where the verdict is computed', async () => {
    await show('/request?purl=clsx', scenarios['logged']);
    await page.getByRole('button', { name: 'Request', exact: true }).click();
    await page.getByRole('link', { name: 'Check clsx 2.1.1' }).click();
    await expect.element(page.getByRole('heading', { level: 1 })).toHaveTextContent('clsx 2.1.1');
    await expect.poll(() => document.querySelector('[data-verdict]')).not.toBeNull();
  });

  it('waits with the link until the entry has arrived here', async () => {
    const { node } = await show('/request?purl=clsx', {
      ...scenarios['logged'],
      status: { size: 10, target: 10 },
    });
    await page.getByRole('button', { name: 'Request', exact: true }).click();
    await expect.element(page.getByText('Waiting for the entry to arrive here …')).toBeVisible();
    node.setStatus({ size: 12_480 });
    await expect.element(page.getByRole('link', { name: 'Check clsx 2.1.1' })).toBeVisible();
  });

  it('goes on while other pages are looked at', async () => {
    const { context } = await show('/request?purl=is-odd', scenarios['agreeing']);
    await page.getByRole('button', { name: 'Request', exact: true }).click();
    await expect.element(page.getByText('Agreed by 2 of 4; 3 needed')).toBeVisible();
    context.router.navigate('/log');
    await expect.element(page.getByRole('heading', { level: 1 })).toHaveTextContent('Log');
    context.router.navigate('/request');
    await expect.element(page.getByText('Agreed by 2 of 4; 3 needed')).toBeVisible();
  });
});
