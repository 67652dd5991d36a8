import type { ArtifactAddRecord, GenesisRecord, StateRecord } from '@assay/core/records/types.ts';
import type { EntryView, VersionView } from '../lib/node/api.ts';

/** The names of the four authorities of the fixtures, in the order of the set. */
export const authorityNames = ['Ayla', 'Borneo', 'Cassini', 'Delft'] as const;

/** Unix seconds at which the fixtures were "made": a while ago, so that ages read well. */
export const fixtureNow = Math.floor(Date.now() / 1000);

/** Bytes that look like a digest and differ with `seed`. */
export function fakeDigest(seed: number, length = 32): Uint8Array {
  return Uint8Array.from(
    { length },
    (_, position) => (seed * 167 + position * 97 + position * position * 13) & 0xff,
  );
}

/** Lower-case hex of `fakeDigest`. */
export function fakeHex(seed: number, length = 32): string {
  return Array.from(fakeDigest(seed, length), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What differs between the versions of the fixtures. */
export interface VersionSeed {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly size: number;
  readonly index: number;
  readonly secondsAgo: number;
  readonly held?: boolean;
  readonly pinned?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The canonical purl of a name and version without characters that need escaping but the scope's `@`. */
export function fixturePurl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** File name of the tarball as npm writes it. */
export function tarballName(name: string, version: string): string {
  return `${name.replace(/^@[^/]+\//, '')}-${version}.tgz`;
}

/** A version as the node would show it. */
export function versionFixture(seed: VersionSeed): VersionView {
  const { name, version, description, size, index } = seed;
  const purl = fixturePurl(name, version);
  const held = seed.held ?? false;
  const record: ArtifactAddRecord = {
    kind: 'artifact-add',
    v: 1,
    epoch: 1,
    purl,
    artifacts: [
      {
        name: tarballName(name, version),
        mediaType: 'application/gzip',
        size,
        sha256: fakeDigest(index),
        eris: fakeDigest(index + 1, 66),
      },
    ],
    about: {
      description,
      license: 'MIT',
      authors: ['A. Author'],
      keywords: ['fixture'],
      homepage: 'https://example.org/',
      repository: `git+https://example.org/${name.replace('@', '')}.git`,
      ...(seed.dependencies === undefined ? {} : { dependencies: seed.dependencies }),
    },
    provenance: {
      method: 'mirrored',
      source: { registry: 'npm', integrity: `sha512-${btoa(fakeHex(index + 2))}` },
      builders: Uint8Array.of(0b1111),
      evidence: fakeDigest(index + 3),
    },
  };
  return {
    summary: { purl, name, version, description, index, time: fixtureNow - seed.secondsAgo, held },
    record,
    about: record.about,
    artifacts: [
      {
        name: tarballName(name, version),
        size,
        sha256: fakeHex(index),
        urn: 'urn:eris:BIAD77QDJMFAKZYH2DXBUZYAP3MXZ3DJZVFYQ5DFWC6T65WSFCU5S2IT4YZGJ7AC4SYQMP2DM2ANS2ZTCP3DJJIRV733CRAAHOSWIYZM3M',
        held,
        pinned: seed.pinned ?? false,
      },
    ],
    method: 'mirrored',
    builders: authorityNames,
  };
}

/** A small log's worth of versions, newest record first. */
export const versionSeeds: readonly VersionSeed[] = [
  {
    name: '@noble/hashes',
    version: '2.3.0',
    description:
      'Audited and minimal JavaScript implementation of SHA, RIPEMD, BLAKE, HMAC, HKDF, PBKDF and Scrypt.',
    size: 731_204,
    index: 10_233,
    secondsAgo: 40,
    held: true,
  },
  {
    name: 'clsx',
    version: '2.1.1',
    description: 'A tiny (239B) utility for constructing className strings conditionally.',
    size: 4132,
    index: 10_230,
    secondsAgo: 3000,
  },
  {
    name: 'lodash-es',
    version: '4.17.21',
    description: 'Lodash exported as ES modules.',
    size: 189_337,
    index: 10_226,
    secondsAgo: 90_000,
    held: true,
    pinned: true,
  },
  {
    name: 'is-plain-obj',
    version: '4.1.0',
    description: 'Check if a value is a plain object',
    size: 2301,
    index: 9871,
    secondsAgo: 400_000,
  },
  {
    name: '@noble/hashes',
    version: '2.2.1',
    description:
      'Audited and minimal JavaScript implementation of SHA, RIPEMD, BLAKE, HMAC, HKDF, PBKDF and Scrypt.',
    size: 729_100,
    index: 9124,
    secondsAgo: 2_000_000,
  },
];

/** A genesis record of four authorities. */
export const genesisFixture: GenesisRecord = {
  kind: 'genesis',
  v: 1,
  origin: 'assay.local/4b91e116',
  epoch: 1,
  created: fixtureNow - 5_000_000,
  authorities: authorityNames.map((name, position) => ({
    name,
    voteKey: fakeDigest(position * 5),
    cosignKey: fakeDigest(position * 5 + 1),
    logKey: fakeDigest(position * 5 + 2),
    buildKey: fakeDigest(position * 5 + 3),
    peerKey: fakeDigest(position * 5 + 4),
  })),
  limits: { maxArtifactBytes: 268_435_456 },
};

/** A `state` record at a height. */
export function stateFixture(height: number, prevSize: number): StateRecord {
  return {
    kind: 'state',
    v: 1,
    epoch: 1,
    height,
    time: fixtureNow - 40,
    prevSize,
    mapRoot: new Uint8Array(32),
    setHash: fakeDigest(77),
    recordCount: 1,
  };
}

/** Entry `index` of a fixture log: genesis, then packages and states in turn. */
export function entryFixture(index: number, versions: readonly VersionView[]): EntryView {
  const logged = versions.find((version) => version.summary.index === index);
  const record =
    index === 0
      ? genesisFixture
      : (logged?.record ?? stateFixture(Math.ceil(index / 2), Math.max(0, index - 1)));
  return { index, record, bytes: fakeDigest(index, 180 + (index % 40)), leafHash: fakeHex(index + 9) };
}
