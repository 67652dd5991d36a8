import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { VerifiedNode } from '@assay/core/node/verified-node.ts';
import { isVerified } from '@assay/core/verify/verdict.ts';
import { formatPurl, packageName, parsePackageInput } from '@assay/core/records/purl.ts';
import { openClient } from '../client.ts';
import { lightOption, networkOptions, textOption, type Command, type CommandContext } from '../command.ts';
import { exitCode, exitCodeOf } from '../exit-code.ts';
import { reportVerdict } from '../verdict-report.ts';

/** `assay get`: fetches every artifact of a version, verifies it, and only then gives it its name. */
export const getCommand: Command = {
  usage: 'get PURL [-o DIR] [--light] [--data DIR | --relay URL]',
  summary: 'Fetch a package version, verify it and save its files under their own names',
  options: { ...networkOptions, ...lightOption, output: { type: 'string', short: 'o' } },
  operands: [1, 1],
  async run(context) {
    const { operands, options, output, signal } = context;
    const client = await openClient(context);
    try {
      const synced = await client.node.sync(signal);
      if (!synced.ok) output.error(synced.error);
      const purl = await resolveVersion(operands[0] ?? '', client.node, signal);
      const entry = await client.node.find(purl, signal);
      const names = entry?.record.artifacts.map(({ name }) => name) ?? [];
      if (names.length === 0) {
        const verification = await client.node.verify(purl);
        reportVerdict(verification, output);
        return exitCodeOf(verification.verdict);
      }
      const folder = resolve(textOption(options, 'output') ?? '.');
      for (const name of names) {
        const code = await getArtifact(purl, name, folder, client.node, context);
        if (code !== exitCode.ok) return code;
      }
      return exitCode.ok;
    } finally {
      await client.close();
    }
  },
};

/** The purl with its version: the newest logged one when the text names none. */
async function resolveVersion(text: string, node: VerifiedNode, signal: AbortSignal): Promise<string> {
  const purl = unwrap(parsePackageInput(text));
  const [newest] = purl.version === undefined ? await node.versions(packageName(purl), signal) : [];
  return newest?.record.purl ?? formatPurl(purl);
}

async function getArtifact(
  purl: string,
  name: string,
  folder: string,
  node: VerifiedNode,
  { output, signal }: CommandContext,
): Promise<number> {
  const verification = await node.fetch(purl, name, {
    signal,
    onProgress: (progress) =>
      output.progress(
        {
          event: 'fetch',
          purl,
          name,
          phase: progress.phase,
          received: progress.received,
          total: progress.total,
        },
        `${name}: ${progress.phase}, ${progress.received} of ${progress.total} blocks`,
      ),
  });
  reportVerdict(verification, output);
  if (!isVerified(verification)) return exitCodeOf(verification.verdict);
  const { chunks } = unwrap(await node.readVerified(purl, name));
  const path = await save(folder, name, chunks());
  output.result({ event: 'saved', purl, name, path }, `saved ${path}`);
  return exitCode.ok;
}

/** Writes beside the final name first: a file under that name is whole and verified. */
async function save(folder: string, name: string, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  // Artifact names are checked by the record's codec; this holds even if that changed.
  if (name !== basename(name))
    throw new AssayError('E_FILE', { path: name, reason: 'it is not a plain file name' });
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  const temporary = join(folder, `.${name}.${process.pid}.part`);
  const file = await open(temporary, 'w');
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
  return path;
}
