import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClock } from '@assay/core/clock.ts';
import { fromBase32 } from '@assay/core/encoding/base32.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import type { OfficialVector } from '@assay/core/eris/official-vectors.fixture.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { vectorsPath } from '@assay/core/testing/vectors.ts';
import type { OptionValues } from '../command.ts';
import { erisCommand } from './eris.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-eris-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function eris(
  operands: readonly string[],
  options: OptionValues = {},
): Promise<Record<string, unknown>> {
  const results: Record<string, unknown>[] = [];
  await erisCommand.run({
    operands,
    options,
    output: {
      json: true,
      result: (data) => void results.push(data),
      progress: () => undefined,
      error: () => undefined,
    },
    clock: createClock(globalThis),
    signal: new AbortController().signal,
  });
  return results[0] ?? {};
}

const vectors = vectorsPath('eris');

it.skipIf(vectors === undefined)(
  'encodes and decodes the official vectors (skipped where the shared vectors are not there)',
  async () => {
    const names = (await readdir(vectors ?? '')).filter((name) => name.includes('positive'));
    expect(names.length).toBe(13);
    for (const name of names) {
      const vector = JSON.parse(await readFile(join(vectors ?? '', name), 'utf8')) as OfficialVector;
      const content = unwrap(fromBase32(vector.content));
      const [file, pack, out] = ['file', 'pack', 'out'].map((kind) => join(folder, `${name}.${kind}`));
      await writeFile(file ?? '', content);
      const encoded = await eris(['encode', file ?? ''], {
        'block-size': String(vector['block-size']),
        secret: toHex(unwrap(fromBase32(vector['convergence-secret']))),
        pack,
      });
      expect(encoded).toMatchObject({ urn: vector.urn, size: content.length });
      expect(await eris(['decode', vector.urn], { pack, output: out })).toMatchObject({
        size: content.length,
      });
      expect(Buffer.compare(await readFile(out ?? ''), content)).toBe(0);
    }
  },
);

it('chooses the block size by the size of the file', async () => {
  const [small, large] = [join(folder, 'small'), join(folder, 'large')];
  await writeFile(small, new Uint8Array(16 * 1024 - 1));
  await writeFile(large, new Uint8Array(16 * 1024));
  expect((await eris(['encode', small]))['urn']).toMatch(/^urn:eris:BI/);
  expect((await eris(['encode', large]))['urn']).toMatch(/^urn:eris:B4/);
});

it('leaves no file behind when the pack is not the right one', async () => {
  const [file, pack, out] = ['one', 'one.pack', 'one.out'].map((name) => join(folder, name));
  await writeFile(file ?? '', 'first');
  const { urn } = await eris(['encode', file ?? ''], { pack });
  const bytes = await readFile(pack ?? '');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await writeFile(pack ?? '', bytes);
  await expect(eris(['decode', String(urn)], { pack, output: out })).rejects.toMatchObject({
    code: expect.stringMatching(/^E_ERIS/),
  });
  expect((await readdir(folder)).filter((name) => name.startsWith('one.out'))).toEqual([]);
});

it.each([
  { operands: ['encode', 'FILE'], options: { 'block-size': '2048' } },
  { operands: ['encode', 'FILE'], options: { secret: 'abc' } },
  { operands: ['decode', 'urn:eris:AAAA'], options: {} },
  { operands: ['encrypt', 'FILE'], options: {} },
])('refuses $operands with $options', async ({ operands, options }) => {
  const file = join(folder, 'any');
  await writeFile(file, 'any');
  const given = operands.map((operand) => (operand === 'FILE' ? file : operand));
  await expect(eris(given, options)).rejects.toMatchObject({ code: 'E_USAGE' });
});
