import { describe, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import { membershipFixtures } from '../testing/membership-fixtures.ts';
import { show } from '../testing/show.ts';

const FIRST = 1200;
const records = new Map(membershipFixtures.map((record, position) => [FIRST + position, record]));

/** The text on the page with runs of space made one. */
function shown(): string {
  return (document.querySelector('main')?.textContent ?? '').replaceAll(/\s+/g, ' ');
}

describe('records about the authorities themselves', () => {
  it('are told in words in the table of the log', async () => {
    await show(`/log?before=${FIRST + records.size}`, { records });
    await expect.element(page.getByRole('table')).toBeVisible();
    for (const words of [
      'delft voted to finalise two blocks in one view',
      'etna joins the authorities after epoch 1',
      'ayla leaves the authorities after epoch 1',
      'epoch 2 begins with 3 authorities, signed over by 3 of those before',
    ]) {
      await expect.poll(shown).toContain(words);
    }
  });

  it.each([...records])('are shown whole on their own page: entry %d', async (index, record) => {
    await show(`/log/${index}`, { records });
    const expected = {
      equivocation: ['delft', 'two-finalise', 'Evidence'],
      'authority-add': ['etna', 'votes', 'connects', '/dns4/etna.example/tcp/443/wss', 'Approved by'],
      'authority-remove': ['ayla', 'Approved by', 'Evidence'],
      'epoch-handoff': ['Root of that tree', 'number 3 of the set before', 'etna', 'cosigns'],
    }[record.kind];
    for (const words of [record.kind, ...expected]) await expect.poll(shown).toContain(words);
  });
});
