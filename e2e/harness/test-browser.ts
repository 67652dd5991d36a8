import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright';
import { browserSwitches, findBrowser } from '../../scripts/browser.mjs';

/** Traces and screenshots of tests that failed. */
const FAILURES = join(tmpdir(), 'assay-e2e-failures');

export interface VisitOptions extends BrowserContextOptions {
  /** Console lines that a test brings about on purpose. Anything else on the console fails it. */
  readonly expected?: readonly RegExp[];
}

/** A file that a page has handed to the reader. */
export interface Download {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** One person with a browser profile of their own, who notices whatever goes wrong in it. */
export class Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly #problems: string[] = [];

  constructor(context: BrowserContext, page: Page, expected: readonly RegExp[]) {
    this.context = context;
    this.page = page;
    const note = (problem: string): void => {
      if (!expected.some((pattern) => pattern.test(problem))) this.#problems.push(problem);
    };
    context.on('console', (message) => {
      const type = message.type();
      if (type !== 'error' && type !== 'warning') return;
      note(`${type}: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => note(`uncaught: ${error.error().stack ?? error.error().message}`));
  }

  /** What a click downloads, whole. */
  async download(click: () => Promise<void>): Promise<Download> {
    const [started] = await Promise.all([this.page.waitForEvent('download'), click()]);
    const bytes = new Uint8Array(await readFile(await started.path()));
    return { name: started.suggestedFilename(), bytes };
  }

  /** Fails if the browser had anything to say that was not expected: script errors, console errors and warnings, CSP violations. */
  insistOnSilence(): void {
    if (this.#problems.length > 0) throw new Error(`the browser complained:\n${this.#problems.join('\n')}`);
  }

  /** Keeps a trace and a screenshot, and says where, with what was on the console. */
  async keepTraces(): Promise<string> {
    await mkdir(FAILURES, { recursive: true });
    const path = join(FAILURES, `${new Date().toISOString().replaceAll(':', '-')}-${process.pid}`);
    await this.page.screenshot({ path: `${path}.png`, fullPage: true }).catch(() => undefined);
    await this.context.tracing.stop({ path: `${path}.trace.zip` }).catch(() => undefined);
    return [`kept in ${path}.*`, ...this.#problems].join('\n');
  }

  async leave(): Promise<void> {
    await this.context.close();
  }
}

/** Chromium for one test file. Every visitor begins with an empty profile. */
export class TestBrowser {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<TestBrowser> {
    const executablePath = findBrowser();
    return new TestBrowser(
      await chromium.launch({
        args: browserSwitches,
        ...(executablePath !== undefined && { executablePath }),
      }),
    );
  }

  async visitor({ expected = [], ...options }: VisitOptions = {}): Promise<Visitor> {
    const context = await this.#browser.newContext(options);
    await context.addInitScript(saveIntoDownloads);
    await context.tracing.start({ snapshots: true });
    return new Visitor(context, await context.newPage(), expected);
  }

  /** One visit from beginning to end. Fails like `insistOnSilence`; a failure keeps traces. */
  async visit<T>(during: (visitor: Visitor) => Promise<T>, options: VisitOptions = {}): Promise<T> {
    const visitor = await this.visitor(options);
    try {
      const outcome = await during(visitor);
      visitor.insistOnSilence();
      return outcome;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`${message}\n${await visitor.keepTraces()}`, { cause: error });
    } finally {
      await visitor.leave();
    }
  }

  async stop(): Promise<void> {
    await this.#browser.close();
  }
}

/** A save dialog cannot be answered by a test; without one the app saves into the downloads, as in other browsers. */
function saveIntoDownloads(): void {
  Reflect.deleteProperty(globalThis, 'showSaveFilePicker');
}
