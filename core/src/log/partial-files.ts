import { entriesPath, TILE_WIDTH, tilePath } from './tile.ts';
import { edgePosition, levelCount } from './tile-edge.ts';

/**
 * Which superseded files may go. `finished`: partial files of tiles and bundles that are full now; nobody needs them
 * (C2SP tlog-tiles). `all`: also the narrower ones of those still growing; only where no one else reads the log.
 */
export type Superseded = 'finished' | 'all';

/** An unfinished tile or bundle: its paths, and the narrowest width that may still be stored. */
interface Unfinished {
  readonly path: (width: number) => string;
  narrowest: number;
}

/** Keeps account of the partial files a growing log leaves behind. */
export class PartialFiles {
  readonly #unfinished = new Map<string, Unfinished>();

  /** Takes note of what is unfinished in a log of `size` entries. */
  note(size: number): void {
    for (const [path] of currentPartials(size)) {
      const key = path(TILE_WIDTH);
      if (!this.#unfinished.has(key)) this.#unfinished.set(key, { path, narrowest: 1 });
    }
  }

  /** Paths that are superseded in a log of `size` entries, stored or not; they are not named again. */
  takeSuperseded(size: number, which: Superseded): string[] {
    const growing = new Map([...currentPartials(size)].map(([path, width]) => [path(TILE_WIDTH), width]));
    const superseded: string[] = [];
    for (const [key, partial] of this.#unfinished) {
      const width = growing.get(key);
      if (width !== undefined && which === 'finished') continue;
      const end = width ?? TILE_WIDTH;
      for (; partial.narrowest < end; partial.narrowest++) superseded.push(partial.path(partial.narrowest));
      if (width === undefined) this.#unfinished.delete(key);
    }
    return superseded;
  }
}

function* currentPartials(size: number): Generator<[path: (width: number) => string, width: number]> {
  for (let level = 0; level < levelCount(size); level++) {
    const { index, width } = edgePosition(size, level);
    if (width === 0) continue;
    yield [(of) => tilePath(level, index, of), width];
    if (level === 0) yield [(of) => entriesPath(index, of), width];
  }
}
