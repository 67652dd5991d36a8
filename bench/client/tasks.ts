import type { VerifyEd25519Async } from '@assay/core/crypto/ed25519.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { decodeLookup } from '@assay/core/lookup/bundle.ts';
import type { VerifiedNode } from '@assay/core/node/verified-node.ts';
import { isVerified } from '@assay/core/verify/verdict.ts';
import { trustFromGenesis } from '@assay/core/records/network.ts';
import { verify } from '@assay/core/verify/verify.ts';
import type { RungId, Verification } from '@assay/core/verify/types.ts';
import { timed } from '../measure.ts';
import { timeBareTrees, timeVerification } from './replay-parts.ts';
import { BenchClient, getBytes, type Surroundings } from './surroundings.ts';

/** A file of the synthetic log. */
export interface FileName {
  readonly purl: string;
  readonly name: string;
}

/** Milliseconds, one number per round. */
type Times = number[];

/** What a client is asked to measure, by name. All arguments and results are JSON. */
export interface Tasks {
  replay(ask: { rounds: number }): Promise<{
    size: number;
    first: Times;
    again: Times;
    verified: Times;
    bare: Times;
    trees: { entries: number; kernel: Times; noble: Times };
  }>;
  download(ask: { rounds: number; file: FileName }): Promise<{ fetched: Times; bare: Times }>;
  lookup(ask: {
    asked: readonly { readonly purl: string; readonly path: string }[];
  }): Promise<{ verified: Times; signatures: Times }>;
  ladder(ask: { rounds: number; file: FileName }): Promise<{
    whole: Times;
    rungs: Partial<Record<RungId, Times>>;
    signatures: Times;
  }>;
}

/** The measurements, on whatever they stand. In each, a first round warms up and does not count. */
export function tasksAt(at: Surroundings): Tasks {
  return {
    replay: (ask) => replay(at, ask.rounds),
    download: (ask) => download(at, ask.file, ask.rounds),
    lookup: (ask) => lookup(at, ask.asked),
    ladder: (ask) => ladder(at, ask.file, ask.rounds),
  };
}

/**
 * `first`: from nothing to a synced log with a catalogue. `again`: opening the stores of a synced log, which replays it. `verified`:
 * the same as `first`, out of memory and into memory. `bare`: fetching the same resources and hashing each with SHA-256. `trees`: the
 * hashes of a tree over entries of 300 bytes alone.
 */
async function replay(at: Surroundings, rounds: number): ReturnType<Tasks['replay']> {
  const times = { first: [] as Times, again: [] as Times, verified: [] as Times, bare: [] as Times };
  const trees = { entries: 0, kernel: [] as Times, noble: [] as Times };
  let size = 0;
  for (let round = 0; round <= rounds; round++) {
    const client = await BenchClient.create(at);
    const stores = await at.freshStores();
    const first = await timed(async () => {
      const node = await client.open(stores);
      size = unwrap(await node.sync()).checkpoint.size;
    });
    const again = await timed(async () => expectSize(await client.open(stores), size));
    const bare = await timed(() => Promise.all([...client.paths].map((path) => hashOf(`${at.url}/${path}`))));
    await stores.dispose();
    const verified = await timeVerification(at, client);
    const tree = await timeBareTrees();
    trees.entries = tree.entries;
    if (round === 0) continue;
    trees.kernel.push(tree.kernel);
    trees.noble.push(tree.noble);
    times.verified.push(verified);
    times.first.push(first);
    times.again.push(again);
    times.bare.push(bare);
  }
  return { size, ...times, trees };
}

/** `fetched`: from the request to a verified and stored file. `bare`: a plain fetch of the same file. */
async function download(at: Surroundings, file: FileName, rounds: number): ReturnType<Tasks['download']> {
  const times = { fetched: [] as Times, bare: [] as Times };
  await withSyncedNode(at, async (node) => {
    for (let round = 0; round <= rounds; round++) {
      const bare = await timed(() => getBytes(`${at.url}/file/${file.name}`));
      const fetched = await timed(async () => expectVerified(await node.fetch(file.purl, file.name)));
      const [artifact] = node.catalogue.byPurl(file.purl)?.record.artifacts ?? [];
      if (artifact !== undefined) await node.remove(artifact);
      if (round === 0) continue;
      times.bare.push(bare);
      times.fetched.push(fetched);
    }
  });
  return times;
}

/** The ladder under a stored file, from gathering the evidence to the verdict; and as many bare signature checks as it holds. */
async function ladder(at: Surroundings, file: FileName, rounds: number): ReturnType<Tasks['ladder']> {
  const whole: Times = [];
  const signatures: Times = [];
  const rungs: Partial<Record<RungId, Times>> = {};
  await withSyncedNode(at, async (node, client) => {
    expectVerified(await node.fetch(file.purl, file.name));
    for (let round = 0; round <= rounds; round++) {
      client.signatures.length = 0;
      let verification: Verification | undefined;
      const ms = await timed(async () => {
        verification = expectVerified(await node.verify(file.purl, file.name));
      });
      const bare = await timed(() =>
        Promise.all(client.signatures.map((signature) => at.verifySignature(...signature))),
      );
      if (round === 0) continue;
      whole.push(ms);
      signatures.push(bare);
      for (const rung of verification?.rungs ?? []) (rungs[rung.id] ??= []).push(rung.ms);
    }
  });
  return { whole, rungs, signatures };
}

/**
 * `verified`: from the bytes of the first answer a client gets to the outcome of every rung that does not need the file or the
 * attestations. `signatures`: as many bare signature checks as that takes.
 */
async function lookup(
  at: Surroundings,
  asked: Parameters<Tasks['lookup']>[0]['asked'],
): ReturnType<Tasks['lookup']> {
  const times = { verified: [] as Times, signatures: [] as Times };
  const trust = unwrap(trustFromGenesis(await getBytes(`${at.url}/lookup-genesis.cbor`)));
  for (const [round, { purl, path }] of asked.entries()) {
    const answer = await getBytes(`${at.url}${path}`);
    const signatures: Parameters<VerifyEd25519Async>[] = [];
    const ports = {
      now: () => at.clock.now(),
      elapsed: () => at.clock.elapsed(),
      verifySignature: (...signature: Parameters<VerifyEd25519Async>) => {
        signatures.push(signature);
        return at.verifySignature(...signature);
      },
    };
    const verified = await timed(async () => {
      const { head, steps, events, records } = unwrap(decodeLookup(answer));
      const [entry] = records;
      if (head === undefined || entry === undefined)
        throw new Error('a first answer has a head and a record');
      const { checkpoint, state, edge } = head;
      const evidence = { trust, purl, checkpoint, entry, lookup: { state, edge, steps, events } };
      expectProven(await verify(evidence, ports));
    });
    const bare = await timed(() =>
      Promise.all(signatures.map((signature) => at.verifySignature(...signature))),
    );
    if (round === 0) continue;
    times.verified.push(verified);
    times.signatures.push(bare);
  }
  return times;
}

function expectProven({ rungs }: Verification): void {
  const open = rungs.filter(({ id, state }) => PROVEN.has(id) && state !== 'pass');
  if (open.length > 0) throw new Error(`not proven: ${JSON.stringify(open)}`);
}

const PROVEN: ReadonlySet<RungId> = new Set(['record', 'inclusion', 'quorum', 'history']);

async function withSyncedNode(
  at: Surroundings,
  work: (node: VerifiedNode, client: BenchClient) => Promise<void>,
): Promise<void> {
  const client = await BenchClient.create(at);
  const stores = await at.freshStores();
  try {
    const node = await client.open(stores);
    unwrap(await node.sync());
    await work(node, client);
  } finally {
    await stores.dispose();
  }
}

async function hashOf(url: string): Promise<ArrayBuffer> {
  return await crypto.subtle.digest('SHA-256', await getBytes(url));
}

function expectSize(node: VerifiedNode, size: number): void {
  if (node.state.size !== size) throw new Error(`${node.state.size} of ${size} entries were replayed`);
}

function expectVerified(verification: Verification): Verification {
  if (isVerified(verification)) return verification;
  throw new Error(`the verdict is ${verification.verdict}: ${JSON.stringify(verification.rungs)}`);
}
