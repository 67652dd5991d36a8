import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer of the relay, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** Something a proxy does to some of the answers that pass through it. */
export interface Tampering {
  /** Whether a request is to be tampered with; `path` has its query. */
  matches(path: string, method: string): boolean;
  /** The answer to give; undefined cuts the connection. `honest` asks the relay. */
  answer(honest: () => Promise<Answer>, path: string): Promise<Answer | undefined>;
}

/**
 * Stands between browsers and a relay's HTTP port, and changes what it is told to change. Everything else is passed through as it
 * comes, event streams too. Pages opened through it have its address as their origin.
 */
export class TamperingProxy {
  /** What is done now; the first that matches a request decides. */
  tamperings: readonly Tampering[] = [];
  /** Paths of all requests. */
  readonly requests: string[] = [];
  readonly #relay: URL;
  readonly #server: Server;

  private constructor(relay: string) {
    this.#relay = new URL(relay);
    this.#server = createServer((incoming, outgoing) => void this.#pass(incoming, outgoing));
  }

  static async start(relay: string): Promise<TamperingProxy> {
    const proxy = new TamperingProxy(relay);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { url: path = '/', method = 'GET' } = incoming;
    this.requests.push(path);
    const tampering = this.tamperings.find((one) => one.matches(path, method));
    if (tampering === undefined) return this.#passThrough(incoming, outgoing);
    try {
      const answer = await tampering.answer(() => this.#whole(incoming), path);
      if (answer === undefined) outgoing.destroy();
      else send(outgoing, answer);
    } catch {
      outgoing.destroy();
    }
  }

  #passThrough(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const upstream = this.#ask(incoming, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.once('error', () => outgoing.destroy());
    });
    upstream.once('error', () => outgoing.destroy());
    outgoing.once('close', () => upstream.destroy());
    incoming.pipe(upstream);
  }

  #whole(incoming: IncomingMessage): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const upstream = this.#ask(incoming, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () => {
          const { statusCode: status = 502, headers } = answer;
          resolve({ status, headers, body: new Uint8Array(Buffer.concat(chunks)) });
        });
      });
      upstream.once('error', reject);
      incoming.pipe(upstream);
    });
  }

  #ask(incoming: IncomingMessage, onAnswer: (answer: IncomingMessage) => void) {
    const { hostname, port } = this.#relay;
    const { url: path, method, headers } = incoming;
    return httpRequest({ hostname, port, path, method, headers }, onAnswer);
  }
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const { 'content-length': _length, 'transfer-encoding': _encoding, ...others } = headers;
  const kept = Object.entries(others).filter(
    (entry): entry is [string, string | string[]] => entry[1] !== undefined,
  );
  outgoing.writeHead(status, { ...Object.fromEntries(kept), 'content-length': body.length });
  outgoing.end(body);
}
