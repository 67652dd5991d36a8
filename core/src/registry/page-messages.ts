/**
 * What the service worker asks of a page, whose node reaches more peers than the worker can: to fetch and store an artifact. Sent
 * with a MessagePort on which the page answers.
 */
export interface FetchOrder {
  readonly type: 'assay-fetch';
  readonly purl: string;
  /** File name of the artifact. */
  readonly artifact: string;
}

/**
 * The page's answers: that it has begun, or cannot; that it gets on; that it is done, well or not. Whether the artifact is there
 * and holds is for the worker to find out: a page's word is no evidence.
 */
export type FetchAnswer = 'accepted' | 'declined' | 'progress' | 'ended';

/** Sent by the worker through the same port when nobody waits for the artifact any more. */
export const CANCEL_FETCH = 'cancel';

const answers: readonly unknown[] = ['accepted', 'declined', 'progress', 'ended'] satisfies FetchAnswer[];

/** Reads a message to a page. Undefined for everything else: other messages, and those of other versions of the worker. */
export function readFetchOrder(data: unknown): FetchOrder | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { type, purl, artifact } = data as Readonly<Record<string, unknown>>;
  if (type !== 'assay-fetch' || typeof purl !== 'string' || typeof artifact !== 'string') return undefined;
  return { type, purl, artifact };
}

/** Reads a page's answer; undefined for what is none. */
export function readFetchAnswer(data: unknown): FetchAnswer | undefined {
  return answers.includes(data) ? (data as FetchAnswer) : undefined;
}
