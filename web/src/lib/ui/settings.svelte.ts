/** How the page looks: as the system asks, or as the reader chose. */
export type Theme = 'system' | 'light' | 'dark';
export const themes: readonly Theme[] = ['system', 'light', 'dark'];

const THEME_KEY = 'assay.theme';
const SHORTCUTS_KEY = 'assay.shortcuts';

/** The reader's choices, kept in this browser and shared between tabs. */
export class Settings {
  #theme = $state<Theme>('system');
  #shortcuts = $state(true);
  readonly #view: Window;
  readonly #leave = new AbortController();

  constructor(view: Window) {
    this.#view = view;
    this.#load();
    view.addEventListener('storage', () => this.#load(), { signal: this.#leave.signal });
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    this.#keep(THEME_KEY, theme);
    this.#paint();
  }

  /** Whether single keys such as `/` act as shortcuts (WCAG 2.1.4 asks for a way to turn them off). */
  get shortcuts(): boolean {
    return this.#shortcuts;
  }

  set shortcuts(on: boolean) {
    this.#shortcuts = on;
    this.#keep(SHORTCUTS_KEY, on ? 'on' : 'off');
  }

  stop(): void {
    this.#leave.abort();
  }

  #load(): void {
    this.#theme = themes.find((theme) => theme === this.#kept(THEME_KEY)) ?? 'system';
    this.#shortcuts = this.#kept(SHORTCUTS_KEY) !== 'off';
    this.#paint();
  }

  #paint(): void {
    const { dataset } = this.#view.document.documentElement;
    if (this.#theme === 'system') delete dataset['theme'];
    else dataset['theme'] = this.#theme;
  }

  /** Storage may be forbidden altogether; then choices last as long as the page. */
  #kept(key: string): string | null {
    try {
      return this.#view.localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  #keep(key: string, value: string): void {
    try {
      this.#view.localStorage.setItem(key, value);
    } catch {
      return;
    }
  }
}
