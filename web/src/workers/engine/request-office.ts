import type { Clock } from '@assay/core/clock.ts';
import { AssayError, fromWire, isAssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { isSettled, type RequestProgress } from '@assay/core/net/request-progress.ts';
import { signRequest } from '@assay/core/net/signed-request.ts';
import type { RequestClient } from '@assay/core/net/sources.ts';
import { SharedJobs } from '@assay/core/node/shared-jobs.ts';
import { formatPurl, parsePackageInput } from '@assay/core/records/purl.ts';
import type { OriginDatabase } from '@assay/stores/idb/origin-database.ts';
import type * as api from '../../lib/node/api.ts';
import type { CallContext } from '../../lib/rpc/procedures.ts';
import type { Requester } from './requester.ts';
import { Slots } from './slots.ts';

export interface RequestOfficeOptions {
  readonly database: OriginDatabase;
  readonly networkId: Uint8Array;
  readonly clock: Clock;
  readonly requester: () => Promise<Requester>;
  /** Whom to hand requests to, the best first. */
  readonly clients: () => readonly RequestClient[];
  /** A record is said to be in the log now. */
  readonly onInLog: () => void;
}

/** Browsers open six HTTP/1.1 connections to a host; event streams must leave some for everything else. */
const MAX_FOLLOWED = 3;

/** Signs requests, hands them in and follows them; goes on with those that an earlier page sent. */
export class RequestOffice {
  readonly #options: RequestOfficeOptions;
  readonly #jobs = new SharedJobs<RequestProgress, RequestProgress>();
  readonly #streams = new Slots(MAX_FOLLOWED);

  constructor(options: RequestOfficeOptions) {
    this.#options = options;
  }

  /** Purls of requests whose end has not been seen. */
  async open(): Promise<readonly string[]> {
    return (await this.#options.database.getAll('requests')).map(({ purl }) => purl);
  }

  /** Sends a request, or follows the one that was sent for the same purl. */
  async request(input: string, context: CallContext<api.RequestProgress>): Promise<api.RequestProgress> {
    const purl = formatPurl(unwrap(parsePackageInput(input)));
    const onProgress = (progress: RequestProgress): void => context.news(progressView(progress));
    const { signal } = context;
    const end = await this.#jobs.join(purl, (tell, inner) => this.#run(purl, tell, inner), {
      onProgress,
      signal,
    });
    return progressView(end);
  }

  async #run(
    purl: string,
    tell: (progress: RequestProgress) => void,
    signal: AbortSignal,
  ): Promise<RequestProgress> {
    const { database, onInLog } = this.#options;
    const earlier = (await database.getAll('requests')).find((request) => request.purl === purl);
    const { client, progress } =
      (earlier && (await this.#findAgain(earlier.id, signal))) ?? (await this.#submit(purl, signal));
    tell(progress);
    const end = isSettled(progress) ? progress : await this.#follow(client, progress, tell, signal);
    await database.delete('requests', end.id);
    if (end.state === 'in-log') onInLog();
    return end;
  }

  async #follow(
    client: RequestClient,
    { id }: RequestProgress,
    tell: (progress: RequestProgress) => void,
    signal: AbortSignal,
  ): Promise<RequestProgress> {
    const release = await this.#streams.take(signal);
    try {
      for await (const progress of client.follow(id, signal)) {
        tell(progress);
        if (isSettled(progress)) return progress;
      }
      throw new AssayError('E_STREAM_CLOSED');
    } finally {
      release();
    }
  }

  /** A client that still knows a request, or undefined when it has to be sent again. */
  async #findAgain(id: string, signal: AbortSignal): Promise<Handed | undefined> {
    for (const client of this.#options.clients()) {
      try {
        for await (const progress of client.follow(id, signal)) return { client, progress };
      } catch {
        signal.throwIfAborted();
      }
    }
    await this.#options.database.delete('requests', id);
    return undefined;
  }

  async #submit(purl: string, signal: AbortSignal): Promise<Handed> {
    const { networkId, clock, requester, clients, database } = this.#options;
    const signer = await requester();
    const at = clock.now();
    const request = await signRequest({ networkId, purl, at, requester: signer.publicKey }, (message) =>
      signer.sign(message),
    );
    let refusal = new AssayError('E_SYNC_NO_SOURCE');
    for (const client of clients()) {
      try {
        const progress = await client.submit(request, signal);
        await database.put('requests', { id: progress.id, purl, at }, progress.id);
        return { client, progress };
      } catch (error) {
        if (signal.aborted || !isAssayError(error)) throw error;
        refusal = error;
      }
    }
    throw refusal;
  }
}

interface Handed {
  readonly client: RequestClient;
  readonly progress: RequestProgress;
}

function progressView({ authorities, error, ...rest }: RequestProgress): api.RequestProgress {
  return {
    ...rest,
    authorities: authorities.map(({ error: own, ...authority }) => ({
      ...authority,
      ...(own && { error: fromWire(own) }),
    })),
    ...(error && { error: fromWire(error) }),
  };
}
