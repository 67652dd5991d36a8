/**
 * How the app's service worker stands: `absent` before one is installed, or where there can be none · `off` by the kill switch ·
 * `current` · `waiting`: a newer version waits to be let in · `replaced`: another tab has let it in, so that this page is older
 * than the files it might still load.
 */
export type WorkerPhase = 'absent' | 'off' | 'current' | 'waiting' | 'replaced';

/** What is used of workbox-window's Workbox. */
export interface Registrar {
  addEventListener(type: 'waiting' | 'controlling', listener: () => void): void;
  register(): Promise<ServiceWorkerRegistration | undefined>;
  messageSkipWaiting(): void;
}

/** What the state needs of the page. */
export interface WorkerPage {
  /** Whether a service worker answers for this page already. */
  readonly isControlled: () => boolean;
  readonly reload: () => void;
}

/** Follows the versions of the service worker. Nothing is reloaded unless the reader asks for it in this very page. */
export class WorkerState {
  #phase: WorkerPhase;
  readonly #page: WorkerPage;
  readonly #listeners = new Set<(phase: WorkerPhase) => void>();
  #registrar: Registrar | undefined;
  #isWanted = false;
  #wasControlled: boolean;

  constructor(phase: 'absent' | 'off', page: WorkerPage) {
    this.#phase = phase;
    this.#page = page;
    this.#wasControlled = page.isControlled();
  }

  get phase(): WorkerPhase {
    return this.#phase;
  }

  /** Called with every phase from now on, and with this one at once. The function it gives ends that. */
  subscribe(listener: (phase: WorkerPhase) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#phase);
    return () => void this.#listeners.delete(listener);
  }

  /** Registers the service worker, which installs it or looks for a newer version. Where that is forbidden, the app works without. */
  async register(registrar: Registrar): Promise<void> {
    this.#registrar = registrar;
    registrar.addEventListener('waiting', () => this.#enter('waiting'));
    registrar.addEventListener('controlling', () => this.#taken());
    if (this.#page.isControlled()) this.#enter('current');
    const registration = await registrar.register().catch(() => undefined);
    registration?.addEventListener('updatefound', () => this.#watch(registration));
  }

  /** Goes over to the newest version: this page is loaded anew as soon as that version answers for it. */
  update(): void {
    if (this.#phase === 'replaced') return this.#page.reload();
    this.#isWanted = true;
    this.#registrar?.messageSkipWaiting();
  }

  /** workbox-window follows one update that it did not look for itself; this page may stay open for many. */
  #watch(registration: ServiceWorkerRegistration): void {
    const newer = registration.installing;
    newer?.addEventListener('statechange', () => {
      if (newer.state === 'installed' && registration.active !== null) this.#enter('waiting');
    });
  }

  /** Another version answers for this page from now on. The first one of all is no news to the reader. */
  #taken(): void {
    if (this.#isWanted) return this.#page.reload();
    this.#enter(this.#wasControlled ? 'replaced' : 'current');
    this.#wasControlled = true;
  }

  #enter(phase: WorkerPhase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    for (const listener of this.#listeners) listener(phase);
  }
}
