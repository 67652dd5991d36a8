import { createHash } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { npmTarball } from './tarball.ts';

/** One version in the fake registry. */
export interface Release {
  readonly name: string;
  readonly version: string;
  readonly tarball: Uint8Array;
  /** What the registry states; what is true by default. */
  readonly integrity?: string;
}

/** Answers one request in place of the registry. */
export type Misbehaviour = (response: ServerResponse) => void;

/**
 * An npm registry on the loopback interface. It has views, `/<view>/…`, so that each authority can be shown something else;
 * what is published to no view in particular is in all of them.
 */
export class FakeRegistry {
  /** Paths asked for, without the view. */
  readonly requests: string[] = [];
  /** Milliseconds before each answer: gives a test time to do something meanwhile. */
  delayMs = 0;
  readonly #server: Server;
  readonly #releases = new Map<string, Release>();
  readonly #misbehaviours = new Map<string, Misbehaviour>();

  private constructor() {
    this.#server = createServer((request, response) => {
      const [, view = '', path = ''] = /^\/([^/]*)\/(.*)$/.exec(decodeURIComponent(request.url ?? '')) ?? [];
      this.requests.push(path);
      setTimeout(() => this.#answer(view, path, response), this.delayMs);
    });
  }

  static async start(): Promise<FakeRegistry> {
    const registry = new FakeRegistry();
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  /** The registry's URL as one view shows it. */
  url(view = 'all'): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${view}/`;
  }

  publish(release: Release, view = 'all'): void {
    this.#releases.set(`${view} ${release.name}@${release.version}`, release);
  }

  /** Has a path (`clsx`, `clsx/-/clsx-1.0.0.tgz`) answered otherwise in a view. */
  misbehave(path: string, misbehaviour: Misbehaviour, view = 'all'): void {
    this.#misbehaviours.set(`${view} ${path}`, misbehaviour);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(view: string, path: string, response: ServerResponse): void {
    const misbehaviour = this.#misbehaviours.get(`${view} ${path}`) ?? this.#misbehaviours.get(`all ${path}`);
    if (misbehaviour !== undefined) return misbehaviour(response);
    const [name = '', file] = path.split('/-/');
    const releases = this.#releasesOf(name, view);
    if (releases.length === 0) return notFound(response);
    if (file === undefined) return this.#packument(response, name, view, releases);
    const release = releases.find((one) => fileName(one) === file);
    if (release === undefined) return notFound(response);
    response.setHeader('content-type', 'application/octet-stream').end(release.tarball);
  }

  #releasesOf(name: string, view: string): readonly Release[] {
    const seen = new Map<string, Release>();
    for (const from of ['all', view]) {
      for (const [key, release] of this.#releases) {
        if (key.startsWith(`${from} `) && release.name === name) seen.set(release.version, release);
      }
    }
    return [...seen.values()];
  }

  #packument(response: ServerResponse, name: string, view: string, releases: readonly Release[]): void {
    const versions = releases.map((release) => {
      const { version, tarball, integrity = integrityOf(tarball) } = release;
      const dist = { tarball: `${this.url(view)}${name}/-/${fileName(release)}`, integrity };
      return [version, { name, version, dist }] as const;
    });
    const document = {
      name,
      'dist-tags': { latest: releases.at(-1)?.version },
      versions: Object.fromEntries(versions),
    };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(document));
  }
}

/** `sha512-…` of some bytes. */
export function integrityOf(bytes: Uint8Array): string {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
}

/** A small package that a page can `import`; another `marker` gives other bytes. */
export function smallRelease(name: string, version = '1.0.0', marker = 'as published'): Release {
  const packageJson = {
    name,
    version,
    type: 'module',
    description: `The package ${name}.`,
    license: 'MIT',
    exports: './index.js',
  };
  const tarball = npmTarball({
    'package.json': JSON.stringify(packageJson, undefined, 2),
    'index.js': `export const marker = ${JSON.stringify(marker)};\n`,
    'readme.md': `# ${name}\n`,
  });
  return { name, version, tarball };
}

/** A package whose tarball has about `bytes` bytes that do not compress, the same for the same name and size. */
export function largeRelease(name: string, bytes: number, version = '1.0.0'): Release {
  const noise = new Uint8Array(bytes);
  let state = 0x9e3779b9 ^ bytes;
  for (let at = 0; at < bytes; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    noise[at] = state & 0xff;
  }
  const packageJson = JSON.stringify({ name, version, description: `The package ${name}.`, license: 'MIT' });
  return { name, version, tarball: npmTarball({ 'package.json': packageJson, 'noise.bin': noise }) };
}

function fileName({ name, version }: Release): string {
  return `${name.replace(/^.*\//, '')}-${version}.tgz`;
}

function notFound(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not_found"}');
}
