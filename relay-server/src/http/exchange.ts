/** A request as handlers see it: checked for host and rate, path decoded, headers in lower case. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'OPTIONS';
  readonly path: string;
  /** What stands behind the `?`, undecoded. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Scheme, host and port under which the relay was addressed, as `http://127.0.0.1:7473`. */
  readonly base: string;
  /** What limits are counted by. */
  readonly client: string;
  /** Fires when the client goes away. */
  readonly signal: AbortSignal;
  /** The body; `E_HTTP_BODY` when it is longer than `limit` bytes. */
  body(limit: number): Promise<Uint8Array>;
}

/** What a body is made of. Chunks are made only as fast as they are taken. */
export type HttpBody = Uint8Array | AsyncIterable<Uint8Array>;

/** An answer. Header names in lower case. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
}

/** Answers the requests it is meant for. What it throws is answered by `errorAnswer`. */
export interface HttpRoute {
  readonly name: string;
  readonly methods: readonly HttpRequest['method'][];
  /** Whether this route owns the path, whatever the method. */
  owns(path: string): boolean;
  handle(request: HttpRequest): Promise<HttpAnswer>;
}
