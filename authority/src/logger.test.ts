import { expect, it } from 'vitest';
import { ManualClock } from '@assay/core/clock.fixture.ts';
import { createLogger } from './logger.ts';

it('writes one line per notice', () => {
  const lines: string[] = [];
  const logger = createLogger((line) => lines.push(line), new ManualClock(1_800_000_000));
  logger.info('hello\n  world\r\n');
  logger.error('x'.repeat(5_000));
  expect(lines[0]).toBe('2027-01-15T08:00:00Z info  hello world \n');
  expect(lines[1]?.length).toBeLessThan(2_100);
});

it('counts complaints that come too fast, and never holds back news', async () => {
  const lines: string[] = [];
  const clock = new ManualClock();
  const logger = createLogger((line) => lines.push(line), clock);
  for (let count = 0; count < 300; count++) logger.warn('again');
  expect(lines).toHaveLength(200);
  logger.info('news');
  expect(lines).toHaveLength(201);
  await clock.advance(500);
  logger.error('late');
  expect(lines.slice(201).map((line) => line.slice(21).trim())).toEqual([
    'warn  100 warnings and errors were left out',
    'error late',
  ]);
});
