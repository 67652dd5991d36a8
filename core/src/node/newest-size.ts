import type { Clock } from '../clock.ts';
import type { VerifyEd25519Async } from '../crypto/ed25519.ts';
import type { LogSource } from '../net/sources.ts';
import type { NetworkTrust } from '../records/types.ts';
import { groupNewestFirst, pollCheckpoints } from './checkpoint-poll.ts';
import type { AnchorStore } from './stores.ts';

/**
 * How large the log is, before any of it is read: the size of the anchor, else of the newest checkpoint with a quorum that a
 * source has; undefined when none can be reached. Rejects with `E_ABORTED`.
 */
export async function newestSize(
  ports: {
    readonly anchors: Pick<AnchorStore, 'load'>;
    readonly sources: readonly LogSource[];
    readonly trust: NetworkTrust;
    readonly verifySignature: VerifyEd25519Async;
    readonly clock: Clock;
  },
  signal?: AbortSignal,
): Promise<number | undefined> {
  const anchor = await ports.anchors.load();
  if (anchor !== undefined) return anchor.size;
  const polled = await pollCheckpoints(ports.sources, ports, signal);
  return groupNewestFirst(polled)[0]?.checkpoint.size;
}
