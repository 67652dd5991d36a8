import { execFile } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { findBrowser } from '../scripts/browser.mjs';
import type { BenchRow, Summary } from './measure.ts';

/** The machine that numbers were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** Load averages of the last 1, 5 and 15 minutes. */
  readonly load: readonly number[];
  readonly node: string;
  readonly chromium: string;
}

/** This machine, now. */
export async function thisMachine(): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: loadavg().map((value) => Number(value.toFixed(1))),
    node: process.version,
    chromium: await chromiumVersion(),
  };
}

/** The machine in one line. */
export function machineLine({ cpu, cores, memoryGiB, load, node, chromium }: Machine): string {
  return `${cores} × ${cpu}, ${memoryGiB} GiB, load ${load.join(' ')}, Node ${node}, ${chromium}`;
}

/** A Markdown table, readable on a terminal too. */
export function table(rows: readonly BenchRow[]): string {
  const head = ['what', 'median', 'p10 … p90', 'p99', 'n', 'baseline, same run', 'ratio'];
  const cells = [head, ...rows.map(cellsOf)];
  const widths = head.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...rest] = cells;
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join('\n');
}

function cellsOf({ name, unit, measured, baseline }: BenchRow): readonly string[] {
  return [
    name,
    `${short(measured.median)} ${unit}`,
    `${short(measured.p10)} … ${short(measured.p90)}`,
    unit === 'ms' ? short(measured.p99) : '',
    String(measured.rounds),
    baseline === undefined ? '' : `${baseline.name}: ${short(baseline.measured.median)} ${unit}`,
    baseline === undefined ? '' : short(baseline.ratio),
  ];
}

function short(value: Summary['median']): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2 + Number(value >= 1));
}

async function chromiumVersion(): Promise<string> {
  const path = findBrowser();
  if (path === undefined) return 'no Chromium';
  const { stdout } = await promisify(execFile)(path, ['--version']);
  return stdout.trim();
}
