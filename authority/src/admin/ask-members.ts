import type { Clock } from '@assay/core/clock.ts';
import { createStatusClient, type AuthorityStatus } from '@assay/core/net/status-protocol.ts';
import { withDeadline } from '@assay/core/net/deadline.ts';
import type { OpenStream } from '@assay/core/net/frame-client.ts';

/** A member that does not answer within this time counts as not reachable. */
const ANSWER_MS = 2_000;

/** What each of these authorities says of itself now; undefined for one that does not answer. Never rejects. */
export async function askMembers(
  names: readonly string[],
  opener: (name: string) => OpenStream,
  clock: Clock,
): Promise<ReadonlyMap<string, AuthorityStatus | undefined>> {
  const answers = names.map(async (name) => {
    try {
      const client = createStatusClient({ open: opener(name), clock });
      return [
        name,
        await withDeadline(clock, ANSWER_MS, undefined, (signal) => client.status(signal)),
      ] as const;
    } catch {
      return [name, undefined] as const;
    }
  });
  return new Map(await Promise.all(answers));
}
