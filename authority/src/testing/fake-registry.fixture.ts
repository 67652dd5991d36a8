import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { sha512 } from '@assay/core/crypto/sha512.ts';
import { toBase64 } from '@assay/core/encoding/base64.ts';
import { concatBytes, utf8 } from '@assay/core/encoding/bytes.ts';

/** One version in the fake registry. */
export interface FakeRelease {
  readonly name: string;
  readonly version: string;
  readonly tarball: Uint8Array;
  /** What the registry states; by default what is true. Null for none. */
  readonly integrity?: string | null;
}

type Answer = (response: ServerResponse) => void;

/** The npm registry of a test, on the loopback interface. Each authority may be shown a registry of its own: a view. */
export class FakeRegistry {
  readonly requests: string[] = [];
  readonly #server: Server;
  readonly #releases = new Map<string, FakeRelease>();
  readonly #overrides = new Map<string, Answer>();

  #held: Promise<void> = Promise.resolve();

  private constructor() {
    this.#server = createServer((request, response) => {
      this.requests.push(pathOf(request));
      void this.#held.then(() => this.#answer(request, response));
    });
  }

  static async start(): Promise<FakeRegistry> {
    const registry = new FakeRegistry();
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  url(view = 'all'): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${view}/`;
  }

  /** Adds a version, to one view or to all of them. */
  publish(release: FakeRelease, view = 'all'): void {
    this.#releases.set(`${view} ${release.name}@${release.version}`, release);
  }

  /** Holds back every answer from now on, until the returned function is called. */
  hold(): () => void {
    let release = (): void => undefined;
    this.#held = new Promise((resolve) => (release = resolve));
    return release;
  }

  /** Answers a path (`clsx`, `clsx/-/clsx-1.0.0.tgz`) in this way in one view. */
  override(path: string, answer: Answer, view = 'all'): void {
    this.#overrides.set(`${view} ${path}`, answer);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request);
    const [view = '', ...rest] = path.split('/');
    const resource = rest.join('/');
    const override = this.#overrides.get(`${view} ${resource}`) ?? this.#overrides.get(`all ${resource}`);
    if (override !== undefined) return override(response);
    const [name = '', file] = resource.split('/-/');
    const releases = this.#releasesOf(name, view);
    const wanted = releases.find(({ version }) => file === `${name.replace(/^.*\//, '')}-${version}.tgz`);
    if (file === undefined && releases.length > 0) this.#packument(response, name, view, releases);
    else if (wanted !== undefined) response.end(wanted.tarball);
    else response.writeHead(404).end('{"error":"not_found"}');
  }

  #releasesOf(name: string, view: string): FakeRelease[] {
    const seen = new Map<string, FakeRelease>();
    for (const from of ['all', view]) {
      for (const [key, release] of this.#releases) {
        if (key.startsWith(`${from} ${name}@`)) seen.set(release.version, release);
      }
    }
    return [...seen.values()];
  }

  #packument(response: ServerResponse, name: string, view: string, releases: FakeRelease[]): void {
    const versions = releases.map(({ version, tarball, integrity = integrityOf(tarball) }) => [
      version,
      {
        name,
        version,
        dist: {
          tarball: `${this.url(view)}${name}/-/${name.replace(/^.*\//, '')}-${version}.tgz`,
          shasum: '0'.repeat(40),
          ...(integrity === null ? {} : { integrity }),
        },
      },
    ]);
    const latest = releases.at(-1)?.version;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        name,
        'dist-tags': { latest },
        versions: Object.fromEntries(versions as [string, unknown][]),
      }),
    );
  }
}

function pathOf({ url = '' }: IncomingMessage): string {
  return decodeURIComponent(url).slice(1);
}

/** `sha512-…` of some bytes. */
export function integrityOf(bytes: Uint8Array): string {
  return `sha512-${toBase64(sha512(bytes))}`;
}

/** A tarball as npm packs it: `package/package.json` and one file. */
export function npmTarball(packageJson: Record<string, unknown>, content = 'export {};\n'): Uint8Array {
  const tar = concatBytes(
    tarFile('package/package.json', utf8(JSON.stringify(packageJson))),
    tarFile('package/index.js', utf8(content)),
    new Uint8Array(1024),
  );
  return new Uint8Array(gzipSync(tar));
}

/** A version whose tarball is well formed; another `content` gives other bytes. */
export function fakeRelease(name: string, version: string, content?: string): FakeRelease {
  const packageJson = { name, version, description: `The package ${name}.`, license: 'MIT' };
  return { name, version, tarball: npmTarball(packageJson, content) };
}

function tarFile(path: string, content: Uint8Array): Uint8Array {
  const header = new Uint8Array(512);
  const put = (offset: number, text: string): void => header.set(utf8(text), offset);
  put(0, path);
  put(100, '0000644\0');
  put(124, `${content.length.toString(8).padStart(11, '0')}\0`);
  put(156, '0');
  put(257, 'ustar\u000000');
  put(148, ' '.repeat(8));
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return concatBytes(header, content, new Uint8Array((512 - (content.length % 512)) % 512));
}
