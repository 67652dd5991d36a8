import type { CatalogueEntry } from '../node/catalogue.ts';
import type { ArtifactAddRecord } from '../records/types.ts';
import { latestOf } from './version-order.ts';

type Json = Readonly<Record<string, unknown>>;

/** Where npm keeps the document that lists the versions of a package. */
export interface PackumentOptions {
  readonly name: string;
  readonly entries: readonly CatalogueEntry[];
  /** The `package.json` of the versions that are held and verified, by purl. */
  readonly manifests: ReadonlyMap<string, Json>;
  /** Prefix of tarball URLs, without a slash at the end. */
  readonly registryUrl: string;
}

/** Fields of `package.json` that npm's install needs of a version (`application/vnd.npm.install-v1+json`). */
const INSTALL_FIELDS = [
  'deprecated',
  'dependencies',
  'optionalDependencies',
  'devDependencies',
  'bundleDependencies',
  'bundledDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'bin',
  'directories',
  'engines',
  'cpu',
  'os',
  'libc',
  'funding',
];
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];

/** The packument: only logged versions, `latest` being the highest release among them. */
export function packument(options: PackumentOptions): Json {
  const { name, entries } = options;
  const latest = latestOf(entries);
  const dated = entries.flatMap(({ version, time }) => (time === undefined ? [] : [{ version, time }]));
  const times = dated.map(({ version, time }) => [version, isoTime(time)] as const);
  const modified = Math.max(...dated.map(({ time }) => time));
  const created = Math.min(...dated.map(({ time }) => time));
  return {
    _id: name,
    name,
    'dist-tags': { latest: latest?.version },
    versions: Object.fromEntries(entries.map((entry) => [entry.version, versionManifest(entry, options)])),
    ...(dated.length > 0 && {
      time: { created: isoTime(created), modified: isoTime(modified), ...Object.fromEntries(times) },
    }),
    ...(latest && { description: latest.record.about.description, license: latest.record.about.license }),
  };
}

/** The manifest of one version: out of the verified `package.json` where it is held, else out of the record. */
export function versionManifest(
  { name, version, record }: CatalogueEntry,
  { manifests, registryUrl }: Pick<PackumentOptions, 'manifests' | 'registryUrl'>,
): Json {
  const manifest = manifests.get(record.purl);
  return {
    ...(manifest === undefined ? recordFields(record) : manifestFields(manifest)),
    name,
    version,
    _id: `${name}@${version}`,
    dist: {
      tarball: `${registryUrl}/${name}/-/${record.artifacts[0]?.name}`,
      integrity: record.provenance.source.integrity,
    },
  };
}

function recordFields({ about }: ArtifactAddRecord): Json {
  const { description, license, keywords, homepage, dependencies } = about;
  return { description, license, keywords, homepage, dependencies };
}

function manifestFields(manifest: Json): Json {
  const scripts =
    typeof manifest['scripts'] === 'object' && manifest['scripts'] !== null ? manifest['scripts'] : {};
  const hasInstallScript = INSTALL_SCRIPTS.some((script) => script in scripts);
  const kept = ['description', 'license', 'keywords', 'homepage', 'repository', 'type', 'main', 'exports'];
  const fields = [...kept, ...INSTALL_FIELDS].flatMap((field) =>
    manifest[field] === undefined ? [] : [[field, manifest[field]] as const],
  );
  return { ...Object.fromEntries(fields), ...(hasInstallScript && { hasInstallScript }) };
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
