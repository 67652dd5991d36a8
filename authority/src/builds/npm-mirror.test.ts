import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClock } from '@assay/core/clock.ts';
import { sha256 } from '@assay/core/crypto/sha256.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { decodeCapability } from '@assay/core/eris/capability.ts';
import { decodeContent } from '@assay/core/eris/decode.ts';
import { isAssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { proposalDigest } from '@assay/core/records/proposal.ts';
import { formatPurl, parsePackageInput } from '@assay/core/records/purl.ts';
import { MemoryArtifactStore } from '@assay/core/swarm/memory-artifact-store.ts';
import { FakeRegistry, fakeRelease, integrityOf, npmTarball } from '../testing/fake-registry.fixture.ts';
import { createNpmMirror, type Mirrored } from './npm-mirror.ts';
import { createNpmRegistry, type NpmRegistry } from './npm-registry.ts';

const clock = createClock(globalThis);
const LIMIT = 100_000;
const purlOf = (text: string) => unwrap(parsePackageInput(text));
const forever = new AbortController().signal;

let fake: FakeRegistry;
let registry: NpmRegistry;
let store: MemoryArtifactStore;

beforeEach(async () => {
  fake = await FakeRegistry.start();
  registry = createNpmRegistry({ baseUrl: fake.url(), fetch, clock, retryDelayMs: 1 });
  store = new MemoryArtifactStore(clock);
});
afterEach(() => fake.stop());

function mirror(text: string, signal = forever): Promise<Mirrored> {
  return createNpmMirror({ registry, store, maxArtifactBytes: LIMIT }).mirror(purlOf(text), signal);
}

/** The code of the error and what a person would read. */
async function failureOf(work: Promise<unknown>): Promise<[string, string]> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isAssayError(error)) throw new Error('no coded error', { cause: error });
  return [error.code, error.message];
}

describe('a mirror', () => {
  it('proposes what the tarball is and keeps its pack', async () => {
    const release = fakeRelease('@scope/tiny', '1.2.3');
    fake.publish(release);
    const { proposal, upstream } = await mirror('@scope/tiny@1.2.3');
    const [artifact] = proposal.artifacts;
    expect(artifact).toMatchObject({ name: 'tiny-1.2.3.tgz', size: release.tarball.length });
    expect(artifact?.sha256).toEqual(sha256(release.tarball));
    expect(proposal.purl).toBe('pkg:npm/%40scope/tiny@1.2.3');
    expect(proposal.about).toMatchObject({ description: 'The package @scope/tiny.', license: 'MIT' });
    expect(upstream).toBe(`${fake.url()}@scope/tiny/-/tiny-1.2.3.tgz`);
    const capability = unwrap(decodeCapability(artifact?.eris ?? new Uint8Array()));
    const { rootReference } = capability;
    const content = await decodeContent(
      capability,
      (reference) => store.findBlock(rootReference, reference),
      {
        size: release.tarball.length,
      },
    );
    expect(unwrap(content)).toEqual(release.tarball);
  });

  it('proposes the same from two registries that serve the same bytes', async () => {
    fake.publish(fakeRelease('tiny', '1.0.0'));
    const first = await mirror('tiny@1.0.0');
    registry = createNpmRegistry({ baseUrl: fake.url('other'), fetch, clock, retryDelayMs: 1 });
    const second = await mirror('tiny@1.0.0');
    expect(proposalDigest(second.proposal)).toEqual(proposalDigest(first.proposal));
    expect(second.upstream).not.toBe(first.upstream);
  });

  it('resolves a name to the newest version', async () => {
    fake.publish(fakeRelease('tiny', '1.0.0'));
    fake.publish(fakeRelease('tiny', '2.0.0'));
    expect(formatPurl(await registry.newest(purlOf('tiny'), forever))).toBe('pkg:npm/tiny@2.0.0');
    expect(formatPurl(await registry.newest(purlOf('tiny@1.0.0'), forever))).toBe('pkg:npm/tiny@1.0.0');
  });

  it('says which of package and version is unknown', async () => {
    fake.publish(fakeRelease('tiny', '1.0.0'));
    expect(await failureOf(mirror('gone@1.0.0'))).toEqual([
      'E_UPSTREAM_NO_PACKAGE',
      'The npm registry knows no package gone.',
    ]);
    expect(await failureOf(mirror('tiny@9.0.0'))).toEqual([
      'E_UPSTREAM_NO_VERSION',
      'The npm registry knows no version 9.0.0 of tiny.',
    ]);
  });

  it('refuses bytes that do not have the stated integrity', async () => {
    const { integrity: _, ...release } = { ...fakeRelease('tiny', '1.0.0'), integrity: null };
    fake.publish({ ...release, integrity: `sha512-${'A'.repeat(86)}==` });
    expect(await failureOf(mirror('tiny@1.0.0'))).toContain('E_UPSTREAM_INTEGRITY');
    expect(await store.list()).toEqual([]);
  });

  it.each([null, 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=', 'sha512-short'])(
    'refuses a version with the integrity %s',
    async (integrity) => {
      fake.publish({ ...fakeRelease('tiny', '1.0.0'), integrity });
      expect(await failureOf(mirror('tiny@1.0.0'))).toContain('E_UPSTREAM_NO_INTEGRITY');
    },
  );

  it('refuses a tarball at an address too long to be stated', async () => {
    const { name, version, tarball } = fakeRelease('tiny', '1.0.0');
    const dist = { tarball: `${fake.url()}${'x'.repeat(3_000)}`, integrity: integrityOf(tarball) };
    const packument = JSON.stringify({ name, versions: { [version]: { dist } } });
    fake.override('tiny', (response) => response.end(packument));
    expect(await failureOf(mirror('tiny@1.0.0'))).toContain('E_UPSTREAM_ANSWER');
  });

  it('takes the SHA-512 among several hashes', async () => {
    const release = fakeRelease('tiny', '1.0.0');
    fake.publish(release);
    const { integrity } = await registry.release(purlOf('tiny@1.0.0'), forever);
    fake.publish({ ...release, integrity: `sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= ${integrity}?opaque` });
    expect((await mirror('tiny@1.0.0')).proposal.provenance.source.integrity).toBe(integrity);
  });

  it('asks again while the registry fails, then gives up with its status', async () => {
    fake.publish(fakeRelease('tiny', '1.0.0'));
    let failures = 2;
    const path = 'tiny/-/tiny-1.0.0.tgz';
    const { tarball } = fakeRelease('tiny', '1.0.0');
    fake.override(path, (response) => {
      if (failures-- > 0) response.writeHead(503).end();
      else response.end(tarball);
    });
    expect((await mirror('tiny@1.0.0')).proposal.purl).toBe('pkg:npm/tiny@1.0.0');
    fake.override('tiny', (response) => response.writeHead(500).end());
    fake.requests.length = 0;
    expect(await failureOf(mirror('tiny@1.0.0'))).toEqual([
      'E_UPSTREAM_STATUS',
      'The npm registry answered 500 for tiny.',
    ]);
    expect(fake.requests).toHaveLength(4);
  });

  it('says that the registry cannot be reached', async () => {
    await fake.stop();
    expect(await failureOf(mirror('tiny@1.0.0'))).toEqual([
      'E_UPSTREAM_UNREACHABLE',
      'The npm registry could not be reached: ECONNREFUSED.',
    ]);
    fake = await FakeRegistry.start();
  });

  it('says that the registry broke off in the middle', async () => {
    fake.publish(fakeRelease('tiny', '1.0.0'));
    fake.override('tiny/-/tiny-1.0.0.tgz', (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half');
      setTimeout(() => response.destroy(), 10);
    });
    expect(await failureOf(mirror('tiny@1.0.0'))).toContain('E_UPSTREAM_UNREACHABLE');
  });

  it.each(['announced', 'unannounced'])('stops at the size limit, %s', async (how) => {
    fake.publish(fakeRelease('tiny', '1.0.0'));
    let sent = 0;
    fake.override('tiny/-/tiny-1.0.0.tgz', (response) => {
      if (how === 'announced') response.setHeader('content-length', 10_000_000);
      const more = (): void => {
        if (response.destroyed || sent >= 10_000_000) return;
        sent += 50_000;
        response.write(new Uint8Array(50_000), () => setTimeout(more, 1));
      };
      more();
    });
    const [code] = await failureOf(mirror('tiny@1.0.0'));
    expect(code).toBe('E_UPSTREAM_TOO_LARGE');
    expect(sent).toBeLessThan(10_000_000);
  });

  it('refuses a tarball that is malformed or about another package', async () => {
    const publish = (tarball: Uint8Array): void => fake.publish({ name: 'tiny', version: '1.0.0', tarball });
    publish(utf8('no archive at all'));
    expect(await failureOf(mirror('tiny@1.0.0'))).toContain('E_UPSTREAM_TARBALL');
    publish(gzipSync(new Uint8Array(1024)));
    expect(await failureOf(mirror('tiny@1.0.0'))).toContain('E_UPSTREAM_TARBALL');
    publish(npmTarball({ name: 'other', version: '1.0.0' }));
    expect(await failureOf(mirror('tiny@1.0.0'))).toEqual([
      'E_UPSTREAM_NAME',
      'The tarball of tiny@1.0.0 says that it is other@1.0.0.',
    ]);
    publish(npmTarball({ name: 'tiny', version: '1.0.1' }));
    expect(await failureOf(mirror('tiny@1.0.0'))).toContain('E_UPSTREAM_NAME');
    expect(await store.list()).toEqual([]);
  });

  it('follows redirects, but not to another protocol and not in circles', async () => {
    const release = fakeRelease('tiny', '1.0.0');
    fake.publish(release);
    const path = 'tiny/-/tiny-1.0.0.tgz';
    fake.override('elsewhere', (response) => response.end(release.tarball));
    fake.override(path, (response) => response.writeHead(302, { location: `${fake.url()}elsewhere` }).end());
    expect((await mirror('tiny@1.0.0')).upstream).toContain(path);
    for (const location of ['ftp://127.0.0.1/tiny', 'https://127.0.0.1/tiny', `${fake.url()}${path}`]) {
      fake.override(path, (response) => response.writeHead(302, { location }).end());
      expect(await failureOf(mirror('tiny@1.0.0'))).toContain('E_UPSTREAM_ANSWER');
    }
  });

  it.each(['not json', '[]', '{"name":"other","versions":{}}', '\u0000'])(
    'refuses the packument %j',
    async (body) => {
      fake.override('tiny', (response) => response.end(body));
      expect(await failureOf(mirror('tiny@1.0.0'))).toContain('E_UPSTREAM_ANSWER');
    },
  );

  it('stops when it is told to', async () => {
    fake.override('tiny', () => undefined);
    const stop = new AbortController();
    const failure = failureOf(mirror('tiny@1.0.0', stop.signal));
    stop.abort();
    expect(await failure).toContain('E_ABORTED');
  });
});
