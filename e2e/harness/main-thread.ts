import type { Page } from 'playwright';

/** RunTask is in the second, what a task was busy with in the first. */
const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline'];

/** Tasks of which more is told than their times. */
const EXPLAINED = 10;

/** One thing that a page's main thread did without a pause. */
export interface Task {
  /** Milliseconds of processor time. Unlike `wall`, it does not grow when the machine has other things to do at once. */
  readonly busy: number;
  /** Milliseconds from beginning to end. */
  readonly wall: number;
  /** What took longest in it, for whoever has to find it; empty but for the busiest tasks. */
  readonly mostly: string;
}

/** What is used of an event in Chromium's trace: times in microseconds, `tdur` that of the thread. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: {
    readonly name?: string;
    readonly data?: {
      readonly functionName?: string;
      readonly url?: string;
      readonly lineNumber?: number;
      readonly columnNumber?: number;
    };
  };
}

/** Every task on the main threads of the page's browser meanwhile, busiest first. A browser can do this once at a time. */
export async function mainThreadTasks(page: Page, during: () => Promise<void>): Promise<readonly Task[]> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('the page has no browser of its own');
  await browser.startTracing(page, { categories: CATEGORIES });
  let trace: Buffer;
  try {
    await during();
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents } = JSON.parse(trace.toString('utf8')) as { traceEvents: readonly TraceEvent[] };
  const threads = new Set(traceEvents.filter(isMainThread).map(threadOf));
  const events = traceEvents.filter((event) => event.ph === 'X' && threads.has(threadOf(event)));
  return events
    .filter(({ name }) => name === 'RunTask')
    .toSorted((a, b) => busy(b) - busy(a))
    .map((task, rank) => ({
      busy: busy(task),
      wall: (task.dur ?? 0) / 1000,
      mostly: rank < EXPLAINED ? longestPart(task, events) : '',
    }));
}

function longestPart(task: TraceEvent, events: readonly TraceEvent[]): string {
  const [longest] = events
    .filter((event) => event !== task && threadOf(event) === threadOf(task))
    .filter(({ ts, dur = 0 }) => ts >= task.ts && ts + dur <= task.ts + (task.dur ?? 0))
    .toSorted((a, b) => busy(b) - busy(a));
  if (longest === undefined) return '';
  const { functionName = '', url = '', lineNumber = 0, columnNumber = 0 } = longest.args.data ?? {};
  return `${longest.name} ${functionName} ${url}:${lineNumber}:${columnNumber}, ${Math.round(busy(longest))} ms`;
}

function isMainThread({ name, args }: TraceEvent): boolean {
  return name === 'thread_name' && args.name === 'CrRendererMain';
}

function threadOf({ pid, tid }: TraceEvent): string {
  return `${pid}/${tid}`;
}

/** Chromium leaves out what is zero. */
function busy({ tdur = 0 }: TraceEvent): number {
  return tdur / 1000;
}
