import { END, tarPiece } from '@assay/core/archive/tar.fixture.ts';
import { toBase32 } from '@assay/core/encoding/base32.ts';
import { toBase64 } from '@assay/core/encoding/base64.ts';
import { concatBytes } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { blockSizeFor } from '@assay/core/eris/capability.ts';
import { buildPack } from '@assay/core/eris/pack.ts';
import { CREATED } from '@assay/core/records/network.fixture.ts';
import { TestLog } from '@assay/core/node/test-log.fixture.ts';

/** A relay's HTTP side over a log whose keys the test holds; it can be cut off, and can hand out wrong bytes. */
export class FakeRelay {
  readonly log: TestLog;
  /** Paths asked for. */
  readonly asked: string[] = [];
  readonly tarballs = new Map<string, Uint8Array>();
  isReachable = true;
  /** Packs are handed out with one bit flipped in each piece. */
  isLying = false;
  readonly #packs = new Map<string, Uint8Array>();
  #note: Uint8Array;

  private constructor(log: TestLog, note: Uint8Array) {
    this.log = log;
    this.#note = note;
  }

  static async create(): Promise<FakeRelay> {
    const log = await TestLog.create();
    return new FakeRelay(log, await log.note());
  }

  /** Puts an npm package with these files into the log, and its pack on the mirror. */
  async add(name: string, version: string, files: Readonly<Record<string, string>>): Promise<void> {
    const all = { 'package.json': JSON.stringify({ name, version }), ...files };
    const tarball = await npmTarball(all);
    const pack = await buildPack(tarball, { blockSize: blockSizeFor(tarball.length) });
    const chunks: Uint8Array[] = [];
    for await (const block of pack.blocks()) chunks.push(block);
    this.#packs.set(toBase32(pack.capability.rootReference), concatBytes(...chunks));
    this.tarballs.set(`${name}@${version}`, tarball);
    await this.log.addPackage(`pkg:npm/${name}@${version}`, tarball, `${name}-${version}.tgz`);
    this.#note = await this.log.note({ time: CREATED + 1000 + this.log.size });
  }

  readonly fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const path = new URL(url).pathname.slice(1);
    this.asked.push(path);
    if (!this.isReachable) throw new TypeError('Failed to fetch');
    if (path === 'network.json') return Response.json(this.#description());
    if (path === 'checkpoint') return new Response(this.#note as Uint8Array<ArrayBuffer>);
    if (path.startsWith('lookup/')) return await this.#lookup(new URL(url));
    if (path.startsWith('pack/')) return this.#pack(path.slice(5), new Headers(init.headers));
    const bytes = await this.log.store.read(path);
    if (bytes === undefined) return new Response(null, { status: 404 });
    return new Response(bytes as Uint8Array<ArrayBuffer>);
  };

  async #lookup({ pathname, searchParams }: URL): Promise<Response> {
    const sizes = [...searchParams].map(([name, size]) => [name, Number(size)] as const);
    const { lookup } = this.log.source('relay', this.#note);
    const purl = decodeURIComponent(pathname.slice('/lookup/'.length));
    return new Response((await lookup?.(purl, Object.fromEntries(sizes))) as Uint8Array<ArrayBuffer>);
  }

  #pack(root: string, headers: Headers): Response {
    const pack = this.#packs.get(root);
    if (pack === undefined) return new Response(null, { status: 404 });
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.get('range') ?? 'bytes=0-') ?? [];
    const from = Number(first);
    const to = last === '' || last === undefined ? pack.length : Number(last) + 1;
    const part = pack.slice(from, to);
    if (this.isLying) part[0] = (part[0] ?? 0) ^ 1;
    const range = `bytes ${from}-${from + part.length - 1}/${pack.length}`;
    return new Response(part, { status: 206, headers: { 'content-range': range } });
  }

  #description(): object {
    const { networkId, genesisBytes, genesis } = this.log.trust;
    return {
      networkId: toHex(networkId),
      origin: genesis.origin,
      genesis: toBase64(genesisBytes),
      relays: [],
      mirrors: [],
      authorities: [],
    };
  }
}

async function npmTarball(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const pieces = Object.entries(files).map(([path, content]) =>
    tarPiece({ name: `package/${path}`, content }),
  );
  const tar = new Blob([concatBytes(...pieces, END) as Uint8Array<ArrayBuffer>]);
  const zipped = tar.stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(zipped).arrayBuffer());
}
