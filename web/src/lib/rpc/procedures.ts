/** What one procedure takes, tells of while it runs, and answers. */
export interface Procedure {
  readonly input: unknown;
  readonly news: unknown;
  readonly output: unknown;
}

/** A procedure's type: `Ask<Input, Output>`, or `Ask<Input, Output, News>` for one that tells of its progress. */
export interface Ask<Input, Output, News = never> {
  readonly input: Input;
  readonly news: News;
  readonly output: Output;
}

/** The procedures of one side, by name. */
export type Procedures<T> = { readonly [K in keyof T]: Procedure };

/** What a handler may use besides its input. */
export interface CallContext<News> {
  /** Fires when the caller does not want the answer any more, or is gone. */
  readonly signal: AbortSignal;
  /** Tells the caller something before the answer. Buffers in `transfer` move to the caller. */
  news(news: News, transfer?: readonly ArrayBuffer[]): void;
}

/** One function per procedure. What it throws reaches the caller as an AssayError. */
export type Handlers<T extends Procedures<T>> = {
  readonly [K in keyof T]: (
    input: T[K]['input'],
    context: CallContext<T[K]['news']>,
  ) => Promise<T[K]['output']>;
};

/** What a caller may add to a call. */
export interface CallOptions<News> {
  readonly onNews?: (news: News) => void;
  readonly signal?: AbortSignal;
}

/** Calls procedures of the other side. */
export interface Caller<T extends Procedures<T>> {
  call<K extends keyof T & string>(
    name: K,
    input: T[K]['input'],
    options?: CallOptions<T[K]['news']>,
  ): Promise<T[K]['output']>;
}

/** A message between the two sides. `id` numbers the calls of one caller. */
export type Message =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'news'; readonly id: number; readonly news: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly output: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: unknown };

/** What both sides need of a MessagePort, a Worker or whatever else carries structured clones in order. */
export interface Port {
  send(message: Message, transfer?: Transferable[]): void;
  /** Called with every message from the other side. */
  onMessage(listener: (message: Message) => void): void;
}

/** A port over a MessagePort, a dedicated worker or a worker's own scope. */
export function portOf(target: {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  start?(): void;
}): Port {
  return {
    send: (message, transfer = []) => target.postMessage(message, transfer),
    onMessage(listener) {
      target.addEventListener('message', ({ data }) => {
        if (isMessage(data)) listener(data);
      });
      target.start?.();
    },
  };
}

function isMessage(data: unknown): data is Message {
  return typeof data === 'object' && data !== null && 'kind' in data && 'id' in data;
}
