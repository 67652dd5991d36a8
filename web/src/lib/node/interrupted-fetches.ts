import type { ArtifactName } from './engine-procedures.ts';

const KEY = 'assay.fetches';

/** Remembers, over reloads of this tab, which downloads are under way in it. */
export class InterruptedFetches {
  readonly #session: Pick<Storage, 'getItem' | 'setItem'>;
  #interrupted: readonly ArtifactName[];
  #running: readonly ArtifactName[] = [];

  constructor(session: Pick<Storage, 'getItem' | 'setItem'>) {
    this.#session = session;
    this.#interrupted = this.#load();
  }

  /** Notes that a download began; gives the function that notes its end. */
  begin(fetch: ArtifactName): () => void {
    this.#running = [...this.#running, fetch];
    this.#save();
    return () => {
      this.#running = this.#running.filter((other) => other !== fetch);
      this.#save();
    };
  }

  /** Those that an earlier page of this tab did not finish, once. */
  take(): readonly ArtifactName[] {
    const taken = this.#interrupted;
    this.#interrupted = [];
    return taken;
  }

  /** What is stored may be damaged, and storage may be forbidden altogether. */
  #load(): readonly ArtifactName[] {
    try {
      const stored: unknown = JSON.parse(this.#session.getItem(KEY) ?? '[]');
      return Array.isArray(stored) ? stored.filter(isArtifactName) : [];
    } catch {
      return [];
    }
  }

  #save(): void {
    try {
      this.#session.setItem(KEY, JSON.stringify(this.#running));
    } catch {
      return;
    }
  }
}

function isArtifactName(x: unknown): x is ArtifactName {
  if (typeof x !== 'object' || x === null) return false;
  const { purl, artifact } = x as Readonly<Record<string, unknown>>;
  return typeof purl === 'string' && typeof artifact === 'string';
}
