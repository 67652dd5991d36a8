import { decodeSignedRequest, type SignedRequest } from '@assay/core/net/signed-request.ts';
import { fromBase32 } from '@assay/core/encoding/base32.ts';
import { toBase64 } from '@assay/core/encoding/base64.ts';
import { concatBytes, utf8 } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { RequestProgress } from '@assay/core/net/request-progress.ts';
import type { TestLog } from '@assay/core/node/test-log.fixture.ts';
import { samplePack, type SamplePack } from '@assay/core/swarm/sources.fixture.ts';
import type { Ask, Handlers } from '../lib/rpc/procedures.ts';

/** The HTTP exchange of an engine under test with the fake relay. */
export interface HttpProcedures {
  readonly fetch: Ask<
    {
      readonly url: string;
      readonly method: string;
      readonly range: string | null;
      readonly body: Uint8Array | undefined;
    },
    { readonly status: number; readonly headers: Record<string, string>; readonly body: Uint8Array }
  >;
}

type Answer = HttpProcedures['fetch']['output'];

/** How the relay serves packs: `stuck` sends the first 64 blocks and then nothing. */
export type PackMode = 'honest' | 'stuck' | 'lying';

const now = (): number => Math.floor(Date.now() / 1000);
const answer = (status: number, body: Uint8Array = new Uint8Array(0), headers = {}): Answer => ({
  status,
  headers,
  body,
});

/** A relay without sockets, over a log whose keys the test holds. */
export class FakeRelay {
  packMode: PackMode = 'honest';
  isDown = false;
  /** Method and path of everything that was asked, ranges included. */
  readonly asked: string[] = [];
  readonly requests: SignedRequest[] = [];
  /** Progress of every request; followers hear of it at once. */
  progress: RequestProgress['state'] = 'queued';
  #log: TestLog;
  #note: Uint8Array = new Uint8Array(0);
  readonly #packs = new Map<string, SamplePack>();

  constructor(log: TestLog) {
    this.#log = log;
  }

  /** From now on this is the relay of another network. */
  async switchTo(log: TestLog): Promise<void> {
    this.#log = log;
    await this.sign();
  }

  /** Signs the log as it is now, with the first three authorities or these. */
  async sign(cosigners: readonly number[] = [0, 1, 2]): Promise<void> {
    this.#note = await this.#log.note({ time: now(), cosigners });
  }

  /** Hands the log over to other authorities, all of whom sign. */
  async changeAuthorities(what: { add?: readonly string[]; remove?: readonly string[] }): Promise<void> {
    await this.#log.changeAuthorities(what);
    await this.sign(this.#log.trust.current.authorities.map((_, index) => index));
  }

  /** Logs a version with one artifact of so many bytes. */
  async add(purl: string, artifact: string, size: number): Promise<SamplePack> {
    const pack = await samplePack(size);
    await this.#log.addPackage(purl, pack.content, artifact);
    this.#packs.set(toHex(pack.description.root), pack);
    await this.sign();
    return pack;
  }

  /** Paths of packs that were asked for, with their ranges. */
  get askedPacks(): readonly string[] {
    return this.asked.filter((line) => line.startsWith('GET /pack/'));
  }

  readonly handlers: Handlers<HttpProcedures> = {
    fetch: async ({ url, method, range, body }) => {
      const { pathname } = new URL(url);
      this.asked.push(`${method} ${pathname}${range === null ? '' : ` ${range}`}`);
      if (this.isDown) throw new AssayError('E_UNREACHABLE');
      if (pathname === '/network.json') return answer(200, utf8(JSON.stringify(this.#description(url))));
      if (pathname === '/checkpoint') return answer(200, this.#note);
      if (pathname.startsWith('/pack/')) return await this.#pack(pathname.slice('/pack/'.length), range);
      if (pathname === '/requests' && body !== undefined) return this.#take(body);
      if (pathname.startsWith('/requests/')) return await this.#follow();
      const file = await this.#log.store.read(pathname.slice(1));
      return file === undefined ? answer(404) : answer(200, file);
    },
  };

  #description(url: string): unknown {
    const { trust } = this.#log;
    return {
      networkId: toHex(trust.networkId),
      origin: trust.genesis.origin,
      genesis: toBase64(trust.genesisBytes),
      relays: [],
      mirrors: [new URL(url).origin],
      authorities: trust.current.authorities.map(({ name }) => ({ name, peerId: name })),
    };
  }

  async #pack(name: string, range: string | null): Promise<Answer> {
    const pack = this.#packs.get(toHex(unwrap(fromBase32(name))));
    if (pack === undefined) return answer(404);
    const [, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
    const whole = concatBytes(...pack.blocks);
    const from = Number(first);
    const to = last === '' ? whole.length : Math.min(Number(last) + 1, whole.length);
    if (this.packMode === 'stuck' && to > 64 * pack.description.blockSize) return await never();
    const part = whole.slice(from, to);
    if (this.packMode === 'lying') part[100] = (part[100] ?? 0) ^ 1;
    return answer(206, part, { 'content-range': `bytes ${from}-${to - 1}/${whole.length}` });
  }

  #take(body: Uint8Array): Answer {
    this.requests.push(unwrap(decodeSignedRequest(body)));
    return answer(202, utf8(JSON.stringify(this.#progress())));
  }

  /** Answers when the request has settled. */
  async #follow(): Promise<Answer> {
    const first = `data: ${JSON.stringify(this.#progress())}\n\n`;
    while (this.progress === 'queued') await new Promise((resolve) => setTimeout(resolve, 20));
    const last = `data: ${JSON.stringify(this.#progress())}\n\n`;
    return answer(200, utf8(first + last), { 'content-type': 'text/event-stream' });
  }

  #progress(): RequestProgress {
    const purl = this.requests.at(-1)?.purl ?? 'pkg:npm/none@1.0.0';
    return { id: 'ab12', purl, state: this.progress, authorities: [], needed: 3, agreed: 0 };
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
