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

/** One person with a browser profile of their own. */
export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What a click downloads, whole. */
  download(click: () => Promise<void>): Promise<{ readonly name: string; readonly bytes: Uint8Array }>;
}

/** Chromium for one test file. Every visit begins with an empty profile. */
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

  /**
   * Gives a new visitor to `visit`. Afterwards fails if the browser had anything unexpected to say: a script error, a console
   * error or warning, a violation of the content security policy. A failure leaves a trace and a screenshot.
   */
  async visit<T>(visit: (visitor: Visitor) => Promise<T>, options: VisitOptions = {}): Promise<T> {
    const { expected = [], ...contextOptions } = options;
    const context = await this.#browser.newContext(contextOptions);
    const problems: string[] = [];
    watch(context, expected, problems);
    await context.addInitScript(saveIntoDownloads);
    await context.tracing.start({ snapshots: true });
    const page = await context.newPage();
    try {
      const outcome = await visit({ context, page, download: (click) => download(page, click) });
      if (problems.length > 0) throw new Error(`the browser complained:\n${problems.join('\n')}`);
      return outcome;
    } catch (error) {
      const kept = await keep(context, page);
      const said = problems.length === 0 ? '' : `\nconsole:\n${problems.join('\n')}`;
      throw new Error(`${error instanceof Error ? error.message : String(error)}${said}\nkept in ${kept}`, {
        cause: error,
      });
    } finally {
      await context.close();
    }
  }

  async stop(): Promise<void> {
    await this.#browser.close();
  }
}

function watch(context: BrowserContext, expected: readonly RegExp[], problems: string[]): void {
  const note = (problem: string): void => {
    if (!expected.some((pattern) => pattern.test(problem))) problems.push(problem);
  };
  context.on('console', (message) => {
    const type = message.type();
    if (type === 'error' || type === 'warning')
      note(`${type}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => note(`uncaught: ${error.error().stack ?? error.error().message}`));
}

/** A save dialog cannot be answered by a test; without one the app saves into the downloads, as in other browsers. */
function saveIntoDownloads(): void {
  Reflect.deleteProperty(globalThis, 'showSaveFilePicker');
}

async function download(
  page: Page,
  click: () => Promise<void>,
): Promise<{ name: string; bytes: Uint8Array }> {
  const [started] = await Promise.all([page.waitForEvent('download'), click()]);
  const path = await started.path();
  return { name: started.suggestedFilename(), bytes: new Uint8Array(await readFile(path)) };
}

async function keep(context: BrowserContext, page: Page): Promise<string> {
  await mkdir(FAILURES, { recursive: true });
  const name = join(FAILURES, `${new Date().toISOString().replaceAll(':', '-')}-${process.pid}`);
  await page.screenshot({ path: `${name}.png`, fullPage: true }).catch(() => undefined);
  await context.tracing.stop({ path: `${name}.trace.zip` }).catch(() => undefined);
  return name;
}
