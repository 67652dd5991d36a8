import { packageName, parsePurl } from '@assay/core/records/purl.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { RungId, VerdictWord } from '@assay/core/verify/types.ts';
import type { Locator, Page } from 'playwright';

/** Time for what takes a network, a quorum or a large file. */
const PATIENCE = { timeout: 60_000 };

/** The app in one page, by what a person sees of it. */
export class App {
  readonly page: Page;
  readonly #base: string;
  #watches = 0;

  constructor(page: Page, base: string) {
    this.page = page;
    this.#base = base;
  }

  /** Opens an address of the app and waits until its node has synced the log, or is in another phase that is named. */
  async open(path = '/', phase: 'synced' | 'offline' | 'conflict' | 'any' = 'synced'): Promise<void> {
    await this.page.goto(`${this.#base}${path}`);
    if (phase !== 'any') await this.phase(phase);
  }

  /** Goes to a page by its link in the header, without loading the app anew. */
  async follow(link: string): Promise<void> {
    await this.page.getByRole('navigation').getByRole('link', { name: link, exact: true }).first().click();
    await this.page.getByRole('heading', { level: 1, name: link }).waitFor(PATIENCE);
  }

  /** Waits until the status chip shows a phase. */
  async phase(phase: string): Promise<void> {
    await this.page.locator(`.chip[data-phase="${phase}"]`).waitFor(PATIENCE);
  }

  /** Opens the page of a version. */
  async openVersion(purl: string, phase?: 'synced' | 'offline' | 'conflict' | 'any'): Promise<void> {
    await this.open(versionPath(purl), phase);
  }

  /** Requests a package on the request page and waits until it says that it is in the log. */
  async request(purl: string): Promise<void> {
    if (!this.page.url().includes(encodeURIComponent(purl))) {
      await this.open(`/request?purl=${encodeURIComponent(purl)}`);
    }
    await this.page.getByRole('button', { name: 'Request', exact: true }).click();
    await this.requestCard(purl).getByText('of the log records it').waitFor(PATIENCE);
  }

  /** Notes every text that the first match of a selector shows from now on, also for a moment. The returned function gives them. */
  async watch(selector: string): Promise<() => readonly string[]> {
    const texts = new Set<string>();
    const name = `seen${this.#watches++}`;
    await this.page.exposeFunction(name, (text: string) => void texts.add(text));
    await this.page.evaluate(
      ([wanted, callback]) => {
        const report = (globalThis as unknown as Record<string, (text: string) => void>)[callback];
        const look = (): void => {
          const text = document.querySelector(wanted)?.textContent.trim();
          if (text !== undefined) report?.(text);
        };
        new MutationObserver(look).observe(document, {
          subtree: true,
          childList: true,
          attributes: true,
          characterData: true,
        });
      },
      [selector, name] as const,
    );
    return () => [...texts];
  }

  requestCard(purl: string): Locator {
    return this.page.getByRole('article', { name: `Request for ${purl}` });
  }

  /** Fetches the file of the version that is shown, until it can be saved. */
  async fetch(): Promise<void> {
    await this.page.getByRole('button', { name: /Get it|Try again/ }).click();
    await this.saveButton.waitFor(PATIENCE);
  }

  get saveButton(): Locator {
    return this.page.getByRole('button', { name: 'Save file' });
  }

  get exportButton(): Locator {
    return this.page.getByRole('button', { name: 'Export evidence' });
  }

  /** Waits until a text can be seen somewhere on the page. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor(PATIENCE);
  }

  /** Waits until the page shows this verdict. */
  async verdict(word: VerdictWord): Promise<Locator> {
    const shown = this.page.locator(`[data-verdict="${word}"]`);
    await shown.waitFor(PATIENCE);
    return shown;
  }

  /** Waits until a rung of the ladder has this outcome. */
  async rung(id: RungId, state: 'pass' | 'fail' | 'missing'): Promise<Locator> {
    const shown = this.page.locator(`[data-rung="${id}"][data-state="${state}"]`);
    await shown.waitFor(PATIENCE);
    return shown;
  }
}

/** The address of a version's page. */
export function versionPath(text: string): string {
  const purl = unwrap(parsePurl(text));
  return `/p/npm/${packageName(purl)}@${purl.version ?? ''}`;
}
