import { toBase64 } from '@assay/core/encoding/base64.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { isLogPath } from '@assay/core/log/tile.ts';
import { TestLog } from '@assay/core/node/test-log.fixture.ts';
import { AppServer } from './app-server.ts';
import type { Answer, Tampering } from './tampering-proxy.ts';
import { TamperingProxy } from './tampering-proxy.ts';

/**
 * A relay without processes behind it: serves the built app and a log that a test writes with the keys of all authorities, so that
 * it can tell of any past, and of two.
 */
export class WrittenNetwork {
  readonly #app: AppServer;
  readonly #proxy: TamperingProxy;
  #log: TestLog;
  #note = new Uint8Array();

  private constructor(app: AppServer, proxy: TamperingProxy, log: TestLog) {
    this.#app = app;
    this.#proxy = proxy;
    this.#log = log;
    proxy.tamperings = [
      this.#serving(
        (path) => path === '/network.json',
        () => this.#description(),
      ),
      this.#serving(
        (path) => isLogPath(path.slice(1)),
        (path) => this.#resource(path.slice(1)),
      ),
    ];
  }

  /** Serves a new log with nothing but its genesis. */
  static async start(): Promise<WrittenNetwork> {
    const app = await AppServer.start();
    const proxy = await TamperingProxy.start(app.url);
    return new WrittenNetwork(app, proxy, await TestLog.create());
  }

  get url(): string {
    return this.#proxy.url;
  }

  /** From now on shows this log as it is now, cosigned at a time in Unix seconds. */
  async show(log: TestLog, time: number = Math.floor(Date.now() / 1000)): Promise<void> {
    const note = await log.note({ time });
    [this.#log, this.#note] = [log, new Uint8Array(note)];
  }

  async stop(): Promise<void> {
    await this.#proxy.stop();
    await this.#app.stop();
  }

  #description(): Promise<Uint8Array> {
    const { trust } = this.#log;
    const document = {
      networkId: toHex(trust.networkId),
      origin: trust.genesis.origin,
      genesis: toBase64(trust.genesisBytes),
      relays: [],
      mirrors: [this.url],
      authorities: [],
    };
    return Promise.resolve(new TextEncoder().encode(JSON.stringify(document)));
  }

  async #resource(path: string): Promise<Uint8Array | undefined> {
    return path === 'checkpoint' ? this.#note : await this.#log.store.read(path);
  }

  #serving(
    matches: (path: string) => boolean,
    read: (path: string) => Promise<Uint8Array | undefined>,
  ): Tampering {
    return {
      matches: (path, method) => method === 'GET' && matches(path),
      async answer(_honest, path): Promise<Answer> {
        const body = await read(path);
        const headers = { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' };
        return { status: body === undefined ? 404 : 200, headers, body: body ?? new Uint8Array() };
      },
    };
  }
}
