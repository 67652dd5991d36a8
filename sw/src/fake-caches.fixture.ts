/** Caches in memory, by name and path, as far as the shell uses them. */
export class FakeCaches {
  readonly held = new Map<string, Map<string, Response>>();
  /** Set to make every `put` fail, as when the quota is reached. */
  isFull = false;

  open(name: string): Promise<Cache> {
    const files = this.held.get(name) ?? new Map<string, Response>();
    this.held.set(name, files);
    const cache = {
      keys: async () => [...files.keys()],
      put: async (path: string, response: Response) => {
        if (this.isFull) throw new DOMException('no room', 'QuotaExceededError');
        files.set(path, response);
      },
    };
    return Promise.resolve(cache as unknown as Cache);
  }

  match(path: string, { cacheName }: { cacheName: string }): Promise<Response | undefined> {
    return Promise.resolve(this.held.get(cacheName)?.get(path)?.clone());
  }

  has(name: string): Promise<boolean> {
    return Promise.resolve(this.held.has(name));
  }

  keys(): Promise<string[]> {
    return Promise.resolve([...this.held.keys()]);
  }

  delete(name: string): Promise<boolean> {
    return Promise.resolve(this.held.delete(name));
  }
}
