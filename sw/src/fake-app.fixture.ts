import { sha256 } from '@assay/core/crypto/sha256.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { mediaTypeOf } from '@assay/core/registry/media-types.ts';
import type { ShellManifest } from './shell-manifest.ts';

/** A built app and a server that has it, whose answers a test may spoil. */
export class FakeApp {
  readonly manifest: ShellManifest;
  readonly asked: string[] = [];
  /** Answers given instead of the right ones, by path. */
  readonly spoiled = new Map<string, () => Response | Promise<Response>>();
  /** Headers of every answer. */
  headers: Record<string, string> = {};
  readonly #files: Readonly<Record<string, string>>;

  constructor(buildId: string, files: Readonly<Record<string, string>>) {
    this.#files = files;
    this.manifest = {
      buildId,
      files: Object.entries(files).map(([path, text]) => [path, toHex(sha256(utf8(text)))]),
    };
  }

  readonly fetch = async (url: string): Promise<Response> => {
    this.asked.push(url);
    const text = this.#files[url];
    const spoiled = this.spoiled.get(url);
    if (spoiled !== undefined) return await spoiled();
    if (text === undefined) return new Response('{}', { status: 404 });
    return new Response(text, { headers: { 'content-type': mediaTypeOf(url), ...this.headers } });
  };
}
