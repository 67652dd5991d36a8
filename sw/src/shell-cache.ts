import { fetchShellFile, type Fetch } from './shell-file.ts';
import { PAGE_PATH, type ShellManifest } from './shell-manifest.ts';

const NAME_PREFIX = 'assay-shell-';

export interface ShellCacheOptions {
  readonly manifest: ShellManifest;
  readonly caches: Pick<CacheStorage, 'open' | 'match' | 'keys' | 'delete' | 'has'>;
  readonly fetch: Fetch;
}

/** The app's own files, so that it opens offline. Each build has a cache of its own, and it is all there or not at all. */
export class ShellCache {
  /** Paths of all files. */
  readonly paths: ReadonlySet<string>;
  readonly #options: ShellCacheOptions;
  readonly #name: string;

  constructor(options: ShellCacheOptions) {
    this.#options = options;
    this.#name = NAME_PREFIX + options.manifest.buildId;
    this.paths = new Set(options.manifest.files.map(([path]) => path));
  }

  /** Stores all files once every one of them has been fetched and checked. Throws `E_SHELL_FILE`, having stored none. */
  async install(): Promise<void> {
    const { caches, manifest, fetch } = this.#options;
    if (await this.#isWhole()) return;
    const files = await Promise.all(
      manifest.files.map(
        async ([path, digest]) => [path, await fetchShellFile(fetch, path, digest)] as const,
      ),
    );
    try {
      const cache = await caches.open(this.#name);
      await Promise.all(files.map(([path, response]) => cache.put(path, response)));
    } catch (error) {
      await caches.delete(this.#name);
      throw error;
    }
  }

  /** Deletes what other builds have stored. */
  async deleteOthers(): Promise<void> {
    const { caches } = this.#options;
    const others = (await caches.keys()).filter(
      (name) => name.startsWith(NAME_PREFIX) && name !== this.#name,
    );
    await Promise.all(others.map((name) => caches.delete(name)));
  }

  /** A stored file; undefined when it is not there. */
  async find(path: string): Promise<Response | undefined> {
    return await this.#options.caches.match(path, { cacheName: this.#name });
  }

  /**
   * Takes over the newest headers of the page: its policy names the mirrors of the network, which change while the app stays
   * the same. Without effect when the page cannot be had or belongs to another build.
   */
  async refreshPage(): Promise<void> {
    const { caches, manifest, fetch } = this.#options;
    const digest = manifest.files.find(([path]) => path === PAGE_PATH)?.[1];
    if (digest === undefined || !(await caches.has(this.#name))) return;
    try {
      const page = await fetchShellFile(fetch, PAGE_PATH, digest);
      await (await caches.open(this.#name)).put(PAGE_PATH, page);
    } catch {
      // The stored page goes on to serve.
    }
  }

  async #isWhole(): Promise<boolean> {
    const { caches, manifest } = this.#options;
    if (!(await caches.has(this.#name))) return false;
    return (await (await caches.open(this.#name)).keys()).length === manifest.files.length;
  }
}
