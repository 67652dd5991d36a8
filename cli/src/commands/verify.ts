import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { checkFile } from '@assay/core/node/check-file.ts';
import { formatPurl, parsePackageInput } from '@assay/core/records/purl.ts';
import { MAX_EVIDENCE_FILE_BYTES, parseEvidenceFile } from '@assay/core/verify/evidence-file.ts';
import type { ArtifactContent, Evidence, Verification } from '@assay/core/verify/types.ts';
import { verify, type VerifyPorts } from '@assay/core/verify/verify.ts';
import { openClient } from '../client.ts';
import { lightOption, networkOptions, textOption, type Command, type CommandContext } from '../command.ts';
import { exitCodeOf } from '../exit-code.ts';
import { openNetwork } from '../up/found-network.ts';
import { reportVerdict, type ReliedOn } from '../verdict-report.ts';

/** `assay verify`: is this file what the log records? With `--evidence`, from that file alone and offline. */
export const verifyCommand: Command = {
  usage:
    'verify FILE [--purl PURL [--light]] [--data DIR | --relay URL] | verify [FILE] --evidence EVIDENCE [--network ID | --data DIR]',
  summary: 'Check a file against the log, or against an exported evidence file, offline',
  options: {
    ...networkOptions,
    ...lightOption,
    purl: { type: 'string' },
    evidence: { type: 'string' },
    network: { type: 'string' },
  },
  operands: [0, 1],
  async run(context) {
    const evidencePath = textOption(context.options, 'evidence');
    if (evidencePath === undefined && context.operands.length === 0) {
      throw new AssayError('E_USAGE', { problem: 'verify needs a file, or --evidence and an evidence file' });
    }
    const { verification, reliedOn } =
      evidencePath === undefined
        ? { verification: await checkWithNetwork(context), reliedOn: undefined }
        : await checkEvidence(evidencePath, context);
    reportVerdict(verification, context.output, reliedOn);
    return exitCodeOf(verification.verdict);
  },
};

function ports({ clock }: CommandContext): VerifyPorts {
  return {
    verifySignature: (...args) => Promise.resolve(verifyEd25519Node(...args)),
    now: () => clock.now(),
    elapsed: () => clock.elapsed(),
  };
}

interface EvidenceCheck {
  readonly verification: Verification;
  readonly reliedOn: ReliedOn;
}

/** Nothing but the evidence file, the file under test and, with `--data`, the genesis record of that network is read. */
async function checkEvidence(path: string, context: CommandContext): Promise<EvidenceCheck> {
  const { operands, options } = context;
  const data = textOption(options, 'data');
  const trust = data === undefined ? undefined : await openNetwork(data);
  if (data !== undefined && trust === undefined) throw new AssayError('E_NO_NETWORK', { place: data });
  const evidence = unwrap(parseEvidenceFile(await readText(path), trust));
  const { networkId } = evidence.trust;
  const wanted = textOption(options, 'network')?.toLowerCase();
  if (wanted !== undefined && wanted !== toHex(networkId))
    throw new AssayError('E_EVIDENCE_NETWORK', { found: toHex(networkId), expected: wanted });
  const knownFrom = trust !== undefined ? 'data' : wanted !== undefined ? 'option' : 'evidence';
  const verification = await verify(await withFile(evidence, operands[0]), ports(context));
  return { verification, reliedOn: { networkId, knownFrom } };
}

async function withFile(evidence: Evidence, file: string | undefined): Promise<Evidence> {
  if (file === undefined) return evidence;
  await sizeOf(file);
  const name = evidence.artifact?.name ?? basename(file);
  return { ...evidence, artifact: { name, content: contentOf(file) } };
}

/** The file is found among the records by its bytes, unless the reader says which version it is. */
async function checkWithNetwork(context: CommandContext): Promise<Verification> {
  const { operands, options, output, signal } = context;
  const file = operands[0] ?? '';
  await sizeOf(file);
  const asked = textOption(options, 'purl');
  if (asked === undefined && options['light'] === true)
    throw new AssayError('E_USAGE', {
      problem: 'only the full log tells which version a file is: --light needs --purl',
    });
  const purl = asked === undefined ? {} : { purl: formatPurl(unwrap(parsePackageInput(asked))) };
  const client = await openClient(context);
  try {
    const synced = await client.node.sync(signal);
    if (!synced.ok) output.error(synced.error);
    const given = { name: basename(file), chunks: () => chunksOf(file) };
    return (await checkFile(client.node, given, { signal, ...purl })).verification;
  } finally {
    await client.close();
  }
}

function contentOf(file: string): ArtifactContent {
  return { kind: 'bytes', chunks: () => chunksOf(file) };
}

async function* chunksOf(file: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(file)) yield chunk as Uint8Array;
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw new AssayError('E_FILE', { path: file, reason: 'it cannot be opened' }, cause);
  }
}

async function readText(path: string): Promise<string> {
  const size = await sizeOf(path);
  if (size > MAX_EVIDENCE_FILE_BYTES) {
    throw new AssayError('E_FILE', { path, reason: `more than ${MAX_EVIDENCE_FILE_BYTES} bytes` });
  }
  return await readFile(path, 'utf8');
}
