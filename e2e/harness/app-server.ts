import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, relative } from 'node:path';
import { root } from './program.ts';

const DIST = join(root, 'web', 'dist');
const PAGE = '/index.html';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
};

/** Serves the built app as a relay does, but no network; a test can bring out further releases and spoil them. */
export class AppServer {
  readonly url: string;
  /** Paths that are answered with a page and status 200, as careless servers answer what they do not have. */
  readonly spoiled = new Set<string>();
  readonly #server: Server;
  readonly #files: Map<string, Buffer>;

  private constructor(server: Server, files: Map<string, Buffer>) {
    this.#server = server;
    this.#files = files;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<AppServer> {
    const files = new Map(
      readdirSync(DIST, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [`/${relative(DIST, path)}`, readFileSync(path)] as const),
    );
    const server = createServer((request, response) => {
      app.#answer(new URL(request.url ?? '/', 'http://x').pathname, request.headers.accept ?? '', response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const app = new AppServer(server, files);
    return app;
  }

  /** Brings out a release whose page carries this name, with a service worker that names its files. */
  release(name: string): void {
    const page = this.#text(PAGE);
    const newPage = page
      .replace(/<meta name="release".*\n/, '')
      .replace('<head>\n', `<head>\n<meta name="release" content="${name}">\n`);
    const [, script = ''] = /importScripts\('(.+)'\)/.exec(this.#text('/sw.js')) ?? [];
    const worker = this.#text(script)
      .replace(sha256(page), sha256(newPage))
      .replace(/(buildId:.)\w+/, `$1${name}`);
    this.#files.delete(script);
    this.#files.set(PAGE, Buffer.from(newPage));
    this.#files.set(`/assets/sw-${name}.js`, Buffer.from(worker));
    this.#files.set('/sw.js', Buffer.from(`importScripts('/assets/sw-${name}.js');\n`));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(path: string, accept: string, response: ServerResponse): void {
    const file = this.#files.get(path);
    const isPage = accept.includes('text/html') && !path.startsWith('/assets/');
    if (this.spoiled.has(path)) send(response, 200, PAGE, this.#files.get(PAGE));
    else if (file !== undefined) send(response, 200, path, file);
    else if (isPage) send(response, 200, PAGE, this.#files.get(PAGE));
    else send(response, 404, '.txt', Buffer.from('not here'));
  }

  #text(path: string): string {
    const file = this.#files.get(path);
    if (file === undefined) throw new Error(`the build holds no ${path}`);
    return file.toString('utf8');
  }
}

function send(response: ServerResponse, status: number, path: string, body: Buffer | undefined): void {
  response.writeHead(status, {
    'content-type': TYPES[extname(path)] ?? 'text/plain',
    'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  response.end(body);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
