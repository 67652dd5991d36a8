import { describe, expect, it } from 'vitest';
import { sortGiven } from './given-files.ts';

const file = (name: string, text = ''): File => new File([text], name);
const evidence = (name: string, artifact?: string): File =>
  file(name, JSON.stringify({ format: 'assay-evidence/1', artifact }));

async function sorted(...files: readonly File[]): Promise<readonly string[]> {
  return (await sortGiven(files)).map((given) =>
    given.kind === 'file' ? given.file.name : `${given.evidence.name} of ${given.file?.name ?? 'nothing'}`,
  );
}

describe('what was dropped', () => {
  it('is checked file by file, JSON included', async () => {
    expect(await sorted(file('a.tgz'), file('package.json', '{"format":1}'), file('b.json', 'no'))).toEqual([
      'a.tgz',
      'package.json',
      'b.json',
    ]);
  });

  it('joins evidence to the file it names', async () => {
    expect(await sorted(file('b.tgz'), evidence('a.json', 'a.tgz'), file('a.tgz'))).toEqual([
      'b.tgz',
      'a.json of a.tgz',
      'a.tgz',
    ]);
  });

  it('joins evidence to the only file, whatever that is called', async () => {
    expect(await sorted(file('renamed'), evidence('a.json', 'a.tgz'))).toEqual([
      'renamed',
      'a.json of renamed',
    ]);
    expect(await sorted(file('x'), file('y'), evidence('a.json', 'a.tgz'))).toEqual([
      'x',
      'y',
      'a.json of nothing',
    ]);
    expect(await sorted(evidence('a.json'))).toEqual(['a.json of nothing']);
  });

  it('is evidence also when that is damaged, so that the reader hears of the damage', async () => {
    const whole = JSON.stringify({ format: 'assay-evidence/1', artifact: 'a.tgz' });
    expect(await sorted(file('a.json', whole.slice(0, -5)), file('a.tgz'))).toEqual([
      'a.json of a.tgz',
      'a.tgz',
    ]);
    expect(await sorted(file('b.json', `{"is":${whole.slice(0, -5)}`))).toEqual(['b.json']);
  });
});
