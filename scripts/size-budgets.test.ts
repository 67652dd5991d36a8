import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadedWith, weigh } from './size-budgets.mjs';

/** A built app of small files, with some of them replaced. */
function dist(changes: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'assay-dist-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'assets'));
  const files = {
    'index-a.js': 'import{a}from"./shared-b.js";import("./peer-node-c.js")',
    'shared-b.js': 'export{}',
    'peer-node-c.js': 'import{a}from"./shared-b.js"',
    'engine-d.js': '0',
    'sw-e.js': '0',
    ...changes,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, 'assets', name), content);
  return folder;
}

/** Bytes that no compression makes smaller than this many kilobytes. */
const noise = (kilobytes: number): string => `//${randomBytes(kilobytes * 750).toString('base64')}`;

describe('size budgets', () => {
  it('follows static imports only, each once', () => {
    const files: Record<string, string> = {
      'a.js': 'import"./b.js";import{x as y}from"./c.js";const z=()=>import("./d.js");',
      'b.js': 'import*as q from"./c.js"',
      'c.js': 'import{w}from"./a.js"',
    };
    expect([...loadedWith('a.js', (name) => files[name] ?? '')]).toEqual(['a.js', 'b.js', 'c.js']);
  });

  it('accepts an app that keeps them', () => {
    expect(weigh(dist()).ok).toBe(true);
  });

  it.each(['index-a.js', 'shared-b.js', 'peer-node-c.js', 'engine-d.js', 'sw-e.js'])(
    'refuses an app whose %s is too large',
    (name) => {
      // What is shared counts where it is loaded first.
      const changes = { 'index-a.js': 'import"./shared-b.js"', [name]: noise(300) };
      const { ok, lines } = weigh(dist(changes));
      expect(ok).toBe(false);
      expect(lines.filter((line) => line.endsWith('TOO LARGE'))).toHaveLength(1);
    },
  );

  it('does not count for libp2p what the first load has brought', () => {
    const { lines } = weigh(dist({ 'shared-b.js': noise(50) }));
    expect(lines[1]).toMatch(/^libp2p +0\.\d kB/);
  });

  it('says so when a part is missing', () => {
    const folder = dist();
    rmSync(join(folder, 'assets', 'sw-e.js'));
    expect(() => weigh(folder)).toThrow('no file like ^sw-');
  });
});
