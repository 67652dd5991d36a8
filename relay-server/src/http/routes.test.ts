import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClock } from '@assay/core/clock.ts';
import { toBase32 } from '@assay/core/encoding/base32.ts';
import { equalBytes, utf8 } from '@assay/core/encoding/bytes.ts';
import { nobleKernel } from '@assay/core/eris/kernel.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { LookupLog } from '@assay/core/lookup/lookup.fixture.ts';
import { MemoryLogStore } from '@assay/core/log/log-store.ts';
import type { RequestProgress } from '@assay/core/net/request-progress.ts';
import type { RequestDesk } from '@assay/core/net/request-protocol.ts';
import { encodeSignedRequest } from '@assay/core/net/signed-request.ts';
import { FsArtifactStore } from '@assay/stores/fs/fs-artifact-store.ts';
import { BlockLocator } from '../mirror/block-locator.ts';
import { StreamCounter } from './event-stream.ts';
import { differences, readScript, send } from './http-script.fixture.ts';
import { startHttpServer, type HttpServer } from './http-server.ts';
import type { CheckpointEvent } from './json-routes.ts';
import { LatestValue } from './latest-value.ts';
import { createRelayApp } from './relay-app.ts';
import { contentSecurityPolicy, securityHeaders } from './security-headers.ts';

const clock = createClock(globalThis);
const block = (letter: string): Uint8Array => utf8(letter.repeat(1024));
const blocks = ['A', 'B', 'C'].map(block);
const references = blocks.map((bytes) => nobleKernel.referenceOf(bytes));
const partial = nobleKernel.referenceOf(block('D'));
const coming = nobleKernel.referenceOf(block('E'));
const evidence = utf8('evidence');
const evidenceHex = createHash('sha256').update(evidence).digest('hex');
/** Binary, so it takes the place of `{request}` when that is sent. */
const signedRequest = encodeSignedRequest({
  v: 1,
  networkId: new Uint8Array(32),
  purl: 'pkg:npm/clsx',
  at: 1,
  requester: new Uint8Array(32),
  signature: new Uint8Array(64),
});

const progress: RequestProgress = {
  id: 'ab12',
  purl: 'pkg:npm/clsx@2.1.1',
  state: 'queued',
  authorities: [],
  needed: 3,
  agreed: 0,
};
const desk: RequestDesk = {
  submit: () => Promise.resolve(progress),
  async *follow(id) {
    if (id !== 'ab12') throw new AssayError('E_REQUEST_UNKNOWN', { id });
    yield progress;
    yield { ...progress, state: 'in-log', index: 7 };
  },
};

const names = {
  root: toBase32(references[0] ?? partial),
  rootLowerCase: toBase32(references[0] ?? partial).toLowerCase(),
  third: toBase32(references[2] ?? partial),
  partial: toBase32(partial),
  coming: toBase32(coming),
  evidence: evidenceHex,
  evidenceTag: `"${createHash('sha256').update(evidence).digest('base64url')}"`,
  tooLong: 'x'.repeat(4000),
};

let folder: string;
let server: HttpServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-http-'));
  await makeWebFolder(join(folder, 'dist'));
  await writeFile(join(folder, 'secret.pem'), 'secret');
  const packs = await makePacks(join(folder, 'packs'));
  const log = await makeLog();
  const lookups = await LookupLog.of([['pkg:npm/clsx@2.1.1', 'pkg:npm/%40noble/hashes@2.4.0']]);
  const view = lookups.view();
  const checkpoints = new LatestValue<CheckpointEvent>();
  checkpoints.set({ size: 5, freshAsOf: 1 });
  const locator = new BlockLocator(packs);
  const headers = securityHeaders(contentSecurityPolicy(['ws://127.0.0.1:9']));
  const app = createRelayApp({
    log,
    lookups: () => view,
    packs,
    isComing: (root) => equalBytes(root, coming),
    findBlock: (reference) => locator.find(reference),
    desk,
    checkpoints,
    network: (base) => ({ base }),
    status: () => Promise.resolve({ fine: true }),
    web: join(folder, 'dist'),
    counter: new StreamCounter(),
    clock,
    headers,
    onFailure: (error) => expect.unreachable(String(error)),
  });
  const options = { host: '127.0.0.1', port: 0, names: ['relay.example.org'], headers, app };
  server = await startHttpServer({ ...options, elapsed: () => clock.elapsed() });
});
afterAll(async () => {
  await server.stop(0);
  await rm(folder, { recursive: true });
});

describe.each(['log', 'lookups', 'packs', 'web', 'requests', 'hosts'])('%s', (script) => {
  it.each(readScript(new URL(`scripts/${script}.txt`, import.meta.url), names))(
    '$method $target: $status, $title',
    async (exchange) => {
      const body = exchange.body === '{request}' ? signedRequest : exchange.body;
      const received = await send(server.port, { ...exchange, body });
      expect(differences(exchange, received)).toEqual([]);
    },
  );
});

async function makeWebFolder(dist: string): Promise<void> {
  await mkdir(join(dist, 'assets'), { recursive: true });
  await writeFile(join(dist, 'index.html'), '<!doctype html><title>Assay</t>');
  await writeFile(join(dist, 'assets', 'app-1a2b3c.js'), 'console.log(1);');
  await writeFile(join(dist, 'sw.js'), 'addEventListener("fetch", () => {});');
  await writeFile(join(dist, 'manifest.webmanifest'), '{}');
  await writeFile(join(dist, '.build-id'), 'x');
}

async function makeLog(): Promise<MemoryLogStore> {
  const log = new MemoryLogStore();
  await log.write(
    new Map([
      ['tile/0/001', new Uint8Array(8192).fill(1)],
      ['tile/0/000.p/5', new Uint8Array(160).fill(2)],
      ['tile/entries/000', new Uint8Array(300).fill(3)],
      [`evidence/${evidenceHex}`, evidence],
      ['checkpoint', utf8('note\n')],
    ]),
  );
  return log;
}

async function makePacks(path: string): Promise<FsArtifactStore> {
  const store = new FsArtifactStore(path, { clock });
  const description = {
    capability: new Uint8Array(66),
    blockSize: 1024,
    contentSize: 2000,
    purl: 'pkg:npm/clsx@2.1.1',
    name: 'clsx-2.1.1.tgz',
  } as const;
  const writer = await store.begin({ ...description, root: references[0] ?? partial });
  for (const [index, bytes] of blocks.entries()) await writer.put(index, bytes);
  await writer.commit(references);
  await writer.close();
  const interrupted = await store.begin({ ...description, root: partial });
  await interrupted.put(0, block('D'));
  await interrupted.close();
  return store;
}
