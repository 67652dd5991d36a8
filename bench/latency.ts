// How long a person waits who asks for a package: four authority processes and a relay, started by `assay up`, all on this machine.
import { signEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { createClock } from '@assay/core/clock.ts';
import { createHttpMirror } from '@assay/core/net/http-mirror.ts';
import { isSettled, type RequestProgress } from '@assay/core/net/request-progress.ts';
import { signRequest } from '@assay/core/net/signed-request.ts';
import type { RequestClient } from '@assay/core/net/sources.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { FakeRegistry, integrityOf, smallRelease } from '../e2e/harness/fake-registry.ts';
import { Network } from '../e2e/harness/network.ts';
import { rowOf, timed, type BenchRow } from './measure.ts';
import { SqliteCommits } from './sqlite-commit.ts';

/** Requests of one key, fewer than a key may make at once. */
const ROUNDS = 40;
const SEED = new Uint8Array(32).fill(7);
const clock = createClock(globalThis);

/** Latency from handing in a request at the relay to its record being final, and of the parts of that way. */
export async function bench(): Promise<readonly BenchRow[]> {
  const registry = await FakeRegistry.start();
  const network = await Network.start({ registry: registry.url() });
  const commits = new SqliteCommits();
  try {
    return await measure({ registry, network, commits });
  } finally {
    commits.close();
    await network.stop();
    await registry.stop();
  }
}

async function measure(on: {
  registry: FakeRegistry;
  network: Network;
  commits: SqliteCommits;
}): Promise<readonly BenchRow[]> {
  const { registry, network, commits } = on;
  const trust = await network.trust();
  const client = createHttpMirror({ baseUrl: network.url, fetch, clock, timeoutMs: 30_000 });
  const times = {
    commit: [] as number[],
    fetched: [] as number[],
    attested: [] as number[],
    ordered: [] as number[],
    whole: [] as number[],
  };
  for (let round = 0; round <= ROUNDS; round++) {
    const release = smallRelease(`bench-${round}`);
    registry.publish(release);
    const commit = await timed(() => commits.commit());
    const fetched = await timed(() => fetchPackage(registry.url(), release.name));
    const { attested, whole } = await follow(client, trust, `pkg:npm/${release.name}@${release.version}`);
    if (round === 0) continue;
    times.commit.push(commit);
    times.fetched.push(fetched);
    times.attested.push(attested);
    times.ordered.push(whole - attested);
    times.whole.push(whole);
  }
  const commit = { name: 'SQLite commit', values: times.commit };
  const download = { name: 'packument + tarball', values: times.fetched };
  return [
    rowOf('request → final', 'ms', times.whole, download),
    rowOf('… request → attested by a quorum', 'ms', times.attested, download),
    rowOf('… attested → final', 'ms', times.ordered, commit),
  ];
}

/** Milliseconds until the requester hears that a quorum has attested, and that the record is final. */
async function follow(
  client: RequestClient,
  trust: NetworkTrust,
  purl: string,
): Promise<{ attested: number; whole: number }> {
  const { networkId } = trust;
  const requester = publicKeyFromSeed(SEED);
  const started = performance.now();
  const request = await signRequest({ networkId, purl, at: clock.now(), requester }, (message) =>
    signEd25519Node(message, SEED),
  );
  const first = await client.submit(request);
  let attested: number | undefined;
  for await (const progress of client.follow(first.id)) {
    if (progress.agreed >= progress.needed) attested ??= performance.now() - started;
    if (isSettled(progress)) return settled(progress, attested, performance.now() - started);
  }
  throw new Error(`nobody said how the request for ${purl} ended`);
}

function settled(
  { state, error, purl }: RequestProgress,
  attested: number | undefined,
  whole: number,
): { attested: number; whole: number } {
  if (state !== 'in-log') throw new Error(`${purl} failed: ${JSON.stringify(error)}`);
  return { attested: attested ?? whole, whole };
}

/** What an authority downloads and checks, and nothing of what comes after. */
async function fetchPackage(registry: string, name: string): Promise<void> {
  const packument = (await (await fetch(new URL(name, registry))).json()) as {
    versions: Record<string, { dist: { tarball: string; integrity: string } }>;
  };
  for (const { dist } of Object.values(packument.versions)) {
    const tarball = new Uint8Array(await (await fetch(dist.tarball)).arrayBuffer());
    if (integrityOf(tarball) !== dist.integrity) throw new Error(`${name} is not what its registry says`);
  }
}
