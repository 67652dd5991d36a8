import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { toBase32 } from '@assay/core/encoding/base32.ts';
import type { SyntheticLog } from './synthetic-log.ts';

/** Page and scripts; with these headers the browser gives workers its finest clock. */
const APP_HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/**
 * Serves a synthetic log and its packs as a mirror does, the bare files beside them under `/file/`, and the built scripts of a
 * folder. Everything comes out of memory and nothing may be cached, so that both sides of a comparison pay for the transfer.
 */
export class BenchServer {
  readonly #server: Server;
  readonly #log: SyntheticLog;
  readonly #scripts: string | undefined;
  readonly #bodies = new Map<string, Uint8Array>();

  private constructor(
    log: SyntheticLog,
    scripts: string | undefined,
    extra: ReadonlyMap<string, Uint8Array>,
  ) {
    this.#log = log;
    this.#scripts = scripts;
    for (const [path, body] of extra) this.#bodies.set(path, body);
    this.#bodies.set('/genesis.cbor', log.trust.genesisBytes);
    for (const { root, pack, name, content } of [log.large, log.small]) {
      this.#bodies.set(`/pack/${toBase32(root)}`, pack);
      this.#bodies.set(`/file/${name}`, content);
    }
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  /** `extra`: further bodies by path. */
  static async start(
    log: SyntheticLog,
    scripts?: string,
    extra: ReadonlyMap<string, Uint8Array> = new Map(),
  ): Promise<BenchServer> {
    const server = new BenchServer(log, scripts, extra);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer({ url = '/', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('cache-control', 'no-store');
    if (url === '/')
      return void response.writeHead(200, { ...APP_HEADERS, 'content-type': 'text/html' }).end();
    if (url.endsWith('.js') && this.#scripts !== undefined) {
      const script = await readFile(join(this.#scripts, basename(url)));
      return void response.writeHead(200, { ...APP_HEADERS, 'content-type': 'text/javascript' }).end(script);
    }
    const body = this.#bodies.get(url) ?? (await this.#log.store.read(url.slice(1)));
    if (body === undefined) return void response.writeHead(404).end();
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
    if (from === undefined) return void response.end(body);
    const end = to ? Math.min(Number(to) + 1, body.length) : body.length;
    const range = `bytes ${from}-${end - 1}/${body.length}`;
    response.writeHead(206, { 'content-range': range }).end(body.subarray(Number(from), end));
  }
}
