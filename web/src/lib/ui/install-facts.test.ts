import { describe, expect, it } from 'vitest';
import { readInstallFacts } from './install-facts.ts';

const facts = (manifest: unknown, paths: readonly string[] = []) =>
  readInstallFacts(new TextEncoder().encode(JSON.stringify(manifest)), paths);

describe('readInstallFacts', () => {
  it('names the scripts that npm runs on installing, in its order, and no others', () => {
    const scripts = {
      postinstall: 'node b.js',
      test: 'x',
      prepare: 'y',
      preinstall: 'node a.js',
      install: ' ',
    };
    expect(facts({ scripts })?.scripts).toEqual([
      { name: 'preinstall', command: 'node a.js' },
      { name: 'postinstall', command: 'node b.js' },
    ]);
    expect(facts({})).toEqual({ scripts: [], commands: [] });
  });

  it('knows of the build that native code brings', () => {
    const build = { name: 'install', command: 'node-gyp rebuild' };
    const post = { name: 'postinstall', command: 'x' };
    expect(facts({}, ['binding.gyp'])?.scripts).toEqual([build]);
    expect(facts({ scripts: { postinstall: 'x' } }, ['binding.gyp'])?.scripts).toEqual([build, post]);
    expect(facts({ scripts: { install: 'make' } }, ['binding.gyp'])?.scripts).toHaveLength(1);
    expect(facts({ gypfile: false }, ['binding.gyp'])?.scripts).toEqual([]);
    expect(facts({}, ['deps/binding.gyp'])?.scripts).toEqual([]);
  });

  it('names the commands', () => {
    expect(facts({ name: '@scope/tool', bin: './cli.js' })?.commands).toEqual(['tool']);
    expect(facts({ bin: { a: './a.js', b: './b.js' } })?.commands).toEqual(['a', 'b']);
    expect(facts({ bin: ['x'] })?.commands).toEqual([]);
  });

  it.each([null, [], 'text', { scripts: null, bin: 7 }, { scripts: { install: {} } }])(
    'makes nothing up from %j',
    (manifest) => {
      expect(facts(manifest)?.scripts ?? []).toEqual([]);
    },
  );

  it('says nothing of what is no JSON', () => {
    expect(readInstallFacts(Uint8Array.of(0xff, 0x7b), [])).toBeUndefined();
  });
});
