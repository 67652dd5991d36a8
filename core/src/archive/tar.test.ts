import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromUtf8 } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import { mutatedBytes } from '../testing/mutated-bytes.fixture.ts';
import { readTar } from './tar.ts';
import { END, makeTar, paxPiece, tarPiece, type TarPiece } from './tar.fixture.ts';

const long = `${'folder/'.repeat(20)}file.js`;
const plain = makeTar(
  { name: 'package/', type: '5', mode: '0000755\0' },
  { name: 'package/package.json', content: '{}' },
  { name: 'package/index.js', content: 'x'.repeat(1000), mode: '0000755\0' },
);

function pathsOf(archive: Uint8Array): string[] {
  return unwrap(readTar(archive)).map(({ path }) => path);
}

describe('reading tar', () => {
  it('gives files and folders with their bytes, sizes and modes', () => {
    const entries = unwrap(readTar(plain));
    expect(entries.map(({ path, type, size, mode }) => [path, type, size, mode])).toEqual([
      ['package', 'directory', 0, 0o755],
      ['package/package.json', 'file', 2, 0o644],
      ['package/index.js', 'file', 1000, 0o755],
    ]);
    expect(unwrap(fromUtf8(entries[2]?.bytes ?? END))).toBe('x'.repeat(1000));
  });

  it.each<[string, Uint8Array]>([
    ['the ustar prefix', makeTar({ name: 'file.js', prefix: 'folder/'.repeat(20).slice(0, -1) })],
    [
      'a pax path',
      makeTar(
        paxPiece([
          ['mtime', '1.5'],
          ['path', long],
        ]),
        { name: 'cut.js' },
      ),
    ],
    [
      'a GNU long name',
      makeTar({ name: '././@LongLink', type: 'L', content: `${long}\0` }, { name: 'cut.js' }),
    ],
  ])('takes long names from %s', (_, archive) => {
    expect(pathsOf(archive)).toEqual([long]);
  });

  it('takes no prefix from GNU headers, which keep times there', () => {
    expect(pathsOf(makeTar({ name: 'a', magic: 'ustar  \0', prefix: '14000000000' }))).toEqual(['a']);
  });

  it('takes sizes from pax, links with their targets, old folders, a leading ./ and global comments', () => {
    const big = makeTar(paxPiece([['size', '3']]), { name: 'a', content: 'abc', size: '00000000000\0' });
    expect(unwrap(readTar(big))[0]?.size).toBe(3);
    const archive = makeTar(
      paxPiece([['comment', 'made by git']], 'g'),
      { name: './', type: '5' },
      { name: './old/', type: '\0', magic: '' },
      { name: './old/link', type: '2', target: '../../etc/passwd' },
      { name: './old/hard', type: '1', target: 'old/link' },
    );
    expect(unwrap(readTar(archive)).map(({ path, type, target }) => [path, type, target])).toEqual([
      ['old', 'directory', undefined],
      ['old/link', 'symlink', '../../etc/passwd'],
      ['old/hard', 'hardlink', 'old/link'],
    ]);
  });

  it('lets folders come twice and after their files', () => {
    const folder: TarPiece = { name: 'a/', type: '5' };
    expect(pathsOf(makeTar({ name: 'a/b' }, folder, folder))).toEqual(['a/b', 'a', 'a']);
  });
});

describe('a tar archive is refused', () => {
  it.each<[string, TarPiece[]]>([
    ['with an absolute path', [{ name: '/etc/passwd' }]],
    ['with .. in a path', [{ name: 'package/../../x' }]],
    ['with .. alone', [{ name: '..' }]],
    ['with .. in a pax path', [paxPiece([['path', 'a/../../b']]), { name: 'a' }]],
    ['with .. in the prefix', [{ name: 'b', prefix: '..' }]],
    ['with a drive letter', [{ name: 'C:/x' }]],
    ['with a backslash', [{ name: 'package\\..\\x' }]],
    ['with a newline in a path', [{ name: 'a\nb' }]],
    ['with an empty part', [{ name: 'a//b' }]],
    ['with a dot in the middle', [{ name: 'a/./b' }]],
    ['with an empty name', [{ name: '' }]],
    ['with one path twice', [{ name: 'a' }, { name: 'a' }]],
    ['with one path in two spellings', [{ name: 'a' }, { name: './a' }]],
    ['with a file that is a folder too', [{ name: 'a/b' }, { name: 'a' }]],
    ['with a file below a link', [{ name: 'a', type: '2', target: '/tmp' }, { name: 'a/b' }]],
  ])('%s', (_, pieces) => {
    const read = readTar(makeTar(...pieces));
    expect(read.ok ? undefined : read.error.code).toBe('E_TAR_PATH');
  });

  it.each<[string, Uint8Array]>([
    ['when a device is in it', makeTar({ name: 'a', type: '3' })],
    ['when a link has content', makeTar({ name: 'a', type: '2', target: 'b', content: 'x' })],
    ['when its checksum is wrong', makeTar({ name: 'a', checksum: '000000\0 ' })],
    ['when a size is not octal', makeTar({ name: 'a', size: '0000000000x\0' })],
    ['when a size is base-256', makeTar({ name: 'a', size: '\u0080'.repeat(6) })],
    ['when a name is not UTF-8', corrupt(makeTar({ name: 'a' }))],
    ['when it ends in a file', plain.subarray(0, 2100)],
    ['when it ends at a file', plain.subarray(0, 1536)],
    ['when it is empty', new Uint8Array()],
    ['when something follows the end', concatBytes(plain, tarPiece({ name: 'late' }))],
    [
      'when two headers rename one entry',
      makeTar(paxPiece([['path', 'b']]), paxPiece([['path', 'c']]), { name: 'a' }),
    ],
    [
      'when a pax key comes twice',
      makeTar(
        paxPiece([
          ['path', 'b'],
          ['path', 'c'],
        ]),
        { name: 'a' },
      ),
    ],
    ['when a pax header renames nothing', makeTar(paxPiece([['path', 'b']]))],
    ['when a global header renames files', makeTar(paxPiece([['path', 'b']], 'g'), { name: 'a' })],
    ['when it is sparse', makeTar(paxPiece([['GNU.sparse.major', '1']]), { name: 'a' })],
    ['when a pax length is wrong', makeTar({ name: 'x', type: 'x', content: '99 path=b\n' }, { name: 'a' })],
    ['when a pax header is huge', makeTar(paxPiece([['comment', 'x'.repeat(70_000)]]), { name: 'a' })],
    ['when a size is beyond the archive', makeTar({ name: 'a', size: '77777777777\0' })],
  ])('%s', (_, archive) => {
    const read = readTar(archive);
    expect(read.ok ? undefined : read.error.code).toBe('E_TAR');
  });

  it('never throws and never takes bytes from outside the archive', { timeout: 30_000 }, () => {
    const rich = makeTar(
      paxPiece([['path', long]]),
      { name: 'x', content: 'abc' },
      { name: 'l', type: '2', target: 'x' },
    );
    fc.assert(
      fc.property(mutatedBytes(fc.constantFrom(plain, rich)), (archive) => {
        const read = readTar(archive);
        if (!read.ok) return;
        for (const { path, bytes } of read.value) {
          expect(bytes.length).toBeLessThanOrEqual(archive.length);
          expect(path.split('/')).not.toContain('..');
        }
      }),
      { numRuns: 1500 },
    );
  });
});

/** Puts a byte that is never UTF-8 into the first name and sets the checksum right. */
function corrupt(archive: Uint8Array): Uint8Array {
  const copy = archive.slice();
  copy[0] = 0xff;
  const old = Number.parseInt(unwrap(fromUtf8(copy.subarray(148, 154))), 8);
  const sum = (old + 0xff - 'a'.charCodeAt(0)).toString(8).padStart(6, '0');
  copy.set(new TextEncoder().encode(sum), 148);
  return copy;
}
