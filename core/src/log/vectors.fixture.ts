import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64 } from '../encoding/base64.ts';
import { unwrap } from '../errors/result.ts';
import { vectorsPath } from '../testing/vectors.ts';
import type { LogStore } from './log-store.ts';
import type { LogPolicy, NamedKey } from './policy.ts';
import { decodeVkey } from './note.ts';

/** transparency-dev/merkle: one JSON file for each case. */
export const merkleVectors = vectorsPath('tlog/merkle/testdata');

/** Logs written by an independent Go implementation. */
export const c2spLog = vectorsPath('tlog/c2sp-log');

export interface InclusionCase {
  readonly size: number;
  readonly index: number;
  readonly leafHash: string;
  readonly root: string;
  readonly proof: readonly string[];
  readonly ok: boolean;
}

export interface ConsistencyCase {
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly proof: readonly string[];
  readonly ok: boolean;
}

export interface LogVectors {
  readonly origin: string;
  readonly logVkey: string;
  readonly cosignerVkeys: readonly string[];
  readonly inclusion: readonly InclusionCase[];
  readonly consistency: readonly ConsistencyCase[];
}

export function readLogVectors(folder: string): LogVectors {
  return readJson(join(folder, 'vectors.json')) as LogVectors;
}

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

export function readBytes(...path: string[]): Uint8Array {
  return new Uint8Array(readFileSync(join(...path)));
}

/** All files below `folder`, as paths relative to it with forward slashes, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .toSorted();
}

/** Decodes base64 hashes; malformed ones come out empty, so that only the length check can refuse them. */
export function hashes(texts: readonly string[] | null): Uint8Array[] {
  return (texts ?? []).map(hash);
}

export function hash(text: string): Uint8Array {
  const bytes = fromBase64(text);
  return bytes.ok ? bytes.value : new Uint8Array(0);
}

export function policyOf(vectors: LogVectors, quorum: number): LogPolicy {
  return {
    origin: vectors.origin,
    logKeys: [namedKey(vectors.logVkey)],
    cosigners: vectors.cosignerVkeys.map(namedKey),
    quorum,
  };
}

function namedKey(vkey: string): NamedKey {
  const { name, publicKey } = unwrap(decodeVkey(vkey));
  return { name, publicKey };
}

/** A log in a folder, as somebody else wrote it. */
export function folderLogStore(folder: string): LogStore {
  const refuse = () => Promise.reject(new Error('This log is only read.'));
  return {
    read: (path) => Promise.resolve(existsSync(join(folder, path)) ? readBytes(folder, path) : undefined),
    write: refuse,
    remove: refuse,
  };
}
