import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../errors/result.ts';
import { mutatedBytes } from '../testing/mutated-bytes.fixture.ts';
import { aboutFromPackageJson } from './about.ts';
import { openNpmTarball } from './npm-tarball.ts';
import { makeTar, type TarPiece } from './tar.fixture.ts';

const manifest: TarPiece = { name: 'package/package.json', content: '{"name":"x","version":"1.0.0"}' };
const index: TarPiece = { name: 'package/lib/index.js', content: 'export {};' };
const tgz = gzip(makeTar(manifest, index));

function gzip(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(bytes));
}

async function codeOf(bytes: Uint8Array, options?: { maxBytes: number }): Promise<string | undefined> {
  const opened = await openNpmTarball(bytes, options);
  return opened.ok ? undefined : opened.error.code;
}

describe('npm tarballs', () => {
  it('open with the first folder off every path, whatever it is called', async () => {
    const odd = gzip(
      makeTar({ ...manifest, name: 'node v20/package.json' }, { ...index, name: 'node v20/a.js' }),
    );
    expect([...unwrap(await openNpmTarball(odd)).files.keys()]).toEqual(['package.json', 'a.js']);
    const opened = unwrap(await openNpmTarball(tgz));
    expect([...opened.files.keys()]).toEqual(['package.json', 'lib/index.js']);
    expect(opened.packageJson).toEqual({ name: 'x', version: '1.0.0' });
  });

  it('open as bare tar, which npm installs too', async () => {
    expect(unwrap(await openNpmTarball(makeTar(manifest))).files.size).toBe(1);
  });

  it('list links and never follow them', { timeout: 30_000 }, async () => {
    const link: TarPiece = { name: 'package/secret', type: '2', target: '/etc/passwd' };
    const opened = unwrap(await openNpmTarball(gzip(makeTar(manifest, link))));
    expect(opened.links).toEqual([{ path: 'secret', target: '/etc/passwd' }]);
    expect(opened.files.has('secret')).toBe(false);
  });

  it('leave out what lies beside the top folder', async () => {
    expect(unwrap(await openNpmTarball(gzip(makeTar({ name: 'stray' }, manifest)))).files.has('stray')).toBe(
      false,
    );
  });

  it('read a package.json with a byte order mark', async () => {
    const marked = { ...manifest, content: '\uFEFF{"name":"x"}' };
    expect(unwrap(await openNpmTarball(makeTar(marked))).packageJson).toEqual({ name: 'x' });
  });

  it('are refused without a usable package.json', async () => {
    expect(await codeOf(gzip(makeTar(index)))).toBe('E_NPM_TARBALL');
    for (const content of ['', 'null', '[]', '{', '"x"']) {
      expect(await codeOf(makeTar({ ...manifest, content })), content).toBe('E_NPM_TARBALL');
    }
    expect(await codeOf(makeTar({ ...manifest, type: '2', content: '', target: 'x' }))).toBe('E_NPM_TARBALL');
  });

  it('are refused when two top folders hold the same file, or they unpack to too much', async () => {
    expect(await codeOf(makeTar(manifest, { ...manifest, name: 'other/package.json' }))).toBe('E_TAR_PATH');
    expect(await codeOf(tgz, { maxBytes: 1000 })).toBe('E_GZIP_TOO_LARGE');
  });

  it('never make the reader throw', { timeout: 30_000 }, async () => {
    const hostile = fc.oneof(fc.uint8Array(), mutatedBytes(fc.constantFrom(tgz, makeTar(manifest, index))));
    await fc.assert(
      fc.asyncProperty(hostile, async (bytes) => {
        await openNpmTarball(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it(
    'of the registry open (skipped when the registry does not answer)',
    { timeout: 60_000 },
    async ({ skip }) => {
      const folder = await mkdtemp(join(tmpdir(), 'assay-npm-pack-'));
      try {
        const packed = await pack('is-plain-obj@4.1.0', folder);
        if (packed === undefined) skip('the npm registry did not answer');
        const opened = unwrap(await openNpmTarball(packed ?? new Uint8Array()));
        expect([...opened.files.keys()].toSorted()).toEqual([
          'index.d.ts',
          'index.js',
          'license',
          'package.json',
          'readme.md',
        ]);
        expect(aboutFromPackageJson(opened.packageJson)).toEqual({
          description: 'Check if a value is a plain object',
          license: 'MIT',
          repository: 'sindresorhus/is-plain-obj',
          dependencies: {},
          authors: ['Sindre Sorhus'],
          keywords: ['object', 'is', 'check', 'test', 'type', 'plain', 'vanilla', 'pure', 'simple'],
        });
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );
});

async function pack(name: string, folder: string): Promise<Uint8Array | undefined> {
  try {
    const args = ['pack', name, '--silent', '--fetch-retries=0', '--fetch-timeout=20000'];
    const { stdout } = await promisify(execFile)('npm', args, { cwd: folder, timeout: 30_000 });
    return new Uint8Array(await readFile(join(folder, stdout.trim())));
  } catch {
    return undefined;
  }
}
