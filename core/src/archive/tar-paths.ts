/** Longest path: what Linux accepts in one call. */
const MAX_PATH_BYTES = 4096;

/**
 * The paths of one archive. Refuses everything that two unpackers could place differently or that one could place outside its
 * folder: absolute paths, `..`, backslashes, a path twice, a path below something that is not a folder.
 */
export class TarPaths {
  readonly #folders = new Set<string>();
  readonly #others = new Set<string>();

  /** The path in its plain form, a leading `./` and a trailing `/` taken off; `''` is the top folder. */
  static plain(path: string): { readonly path: string } | { readonly reason: string } {
    const plain = path.replace(/^(?:\.\/)+/, '').replace(/\/$/, '');
    if (plain === '' || plain === '.')
      return path.startsWith('/') ? { reason: 'it is absolute' } : { path: '' };
    if (new TextEncoder().encode(plain).length > MAX_PATH_BYTES) return { reason: 'it is too long' };
    // eslint-disable-next-line no-control-regex
    if (/[\u0000-\u001f\u007f\\]/.test(plain))
      return { reason: 'it holds a control character or a backslash' };
    if (plain.startsWith('/') || /^[A-Za-z]:/.test(plain)) return { reason: 'it is absolute' };
    const segments = plain.split('/');
    if (segments.includes('..')) return { reason: 'it leads out of the archive' };
    return segments.some((segment) => segment === '' || segment === '.')
      ? { reason: 'it has an empty part' }
      : { path: plain };
  }

  /** Takes note of a plain path; gives the reason when it clashes with one that came before. */
  add(path: string, isFolder: boolean): string | undefined {
    for (const folder of parentsOf(path)) {
      if (this.#others.has(folder)) return 'it lies below something that is not a folder';
      this.#folders.add(folder);
    }
    if (this.#others.has(path) || (!isFolder && this.#folders.has(path))) return 'it comes twice';
    (isFolder ? this.#folders : this.#others).add(path);
    return undefined;
  }
}

function* parentsOf(path: string): Generator<string> {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
    yield path.slice(0, slash);
}
