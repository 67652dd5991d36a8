import { chacha20 } from '@assay/core/crypto/chacha20.ts';
import { sha256 } from '@assay/core/crypto/sha256.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { buildPack } from '@assay/core/eris/pack.ts';
import { blockSizeFor } from '@assay/core/eris/capability.ts';
import { CHECKPOINT_PATH, type LogStore } from '@assay/core/log/log-store.ts';
import { TestLog } from '@assay/core/node/test-log.fixture.ts';
import type { About, ArtifactAddRecord, NetworkTrust } from '@assay/core/records/types.ts';

/** Entries of the log that clients replay. */
export const LOG_ENTRIES = 10_000;

/** Fifteen records and their state record: sixteen entries, so that entry bundles end where batches do. */
const RECORDS_PER_BATCH = 15;

/** A package version whose file and attestations can be had, not only its record. */
export interface WholePackage {
  readonly purl: string;
  readonly name: string;
  readonly content: Uint8Array;
  readonly root: Uint8Array;
  /** All blocks of the pack, one after the other. */
  readonly pack: Uint8Array;
}

/** A log that never was, yet keeps every rule and is signed by a quorum. */
export interface SyntheticLog {
  readonly trust: NetworkTrust;
  readonly store: LogStore;
  readonly size: number;
  /** A file of 8 MiB. */
  readonly large: WholePackage;
  /** A file of 64 KiB, as most npm packages are at most. */
  readonly small: WholePackage;
}

let made: Promise<SyntheticLog> | undefined;

/** The log of LOG_ENTRIES entries, made once per process. */
export function syntheticLog(): Promise<SyntheticLog> {
  made ??= make();
  return made;
}

async function make(): Promise<SyntheticLog> {
  const log = await TestLog.create();
  const large = await addWhole(log, 'large', 8 * 1024 * 1024);
  const small = await addWhole(log, 'small', 64 * 1024);
  for (let number = 0; log.size < LOG_ENTRIES;) {
    const count = Math.min(RECORDS_PER_BATCH, LOG_ENTRIES - log.size - 1);
    await log.addRecords(Array.from({ length: count }, () => recordLike(small.record, number++)));
  }
  const note = await log.note({ time: Math.floor(Date.now() / 1000) });
  await log.store.write(new Map([[CHECKPOINT_PATH, note]]));
  return { trust: log.trust, store: log.store, size: log.size, large, small };
}

async function addWhole(
  log: TestLog,
  name: string,
  bytes: number,
): Promise<WholePackage & { readonly record: ArtifactAddRecord }> {
  const content = chacha20(sha256(utf8(name)), new Uint8Array(12), new Uint8Array(bytes));
  const purl = `pkg:npm/${name}@1.0.0`;
  const file = `${name}-1.0.0.tgz`;
  const record = await log.addPackage(purl, content, file);
  const { capability, blocks } = await buildPack(content, { blockSize: blockSizeFor(bytes) });
  const parts: Uint8Array[] = [];
  for await (const block of blocks()) parts.push(block);
  return { purl, name: file, content, root: capability.rootReference, pack: Buffer.concat(parts), record };
}

/** A record about as long as those of real packages, 0.9 kB: their names, addresses and a handful of dependencies. */
export function recordLike(model: ArtifactAddRecord, number: number): ArtifactAddRecord {
  const name = `synthetic-package-${number}`;
  const about: About = {
    description: `Number ${number} of many packages that exist only to be replayed, with an ordinary description.`,
    license: 'MIT',
    authors: [`Some Maintainer ${number % 97}`, 'Another Maintainer'],
    keywords: ['synthetic', 'package', 'replay', `group-${number % 31}`],
    homepage: `https://packages.invalid/${name}#readme`,
    repository: `git+https://packages.invalid/some-maintainer/${name}.git`,
    dependencies: { [`synthetic-package-${number % 500}`]: '^1.0.0', 'left-alone': '~2.3.1', tiny: '*' },
  };
  const evidence = sha256(utf8(name));
  return { ...model, purl: `pkg:npm/${name}@1.0.0`, about, provenance: { ...model.provenance, evidence } };
}
