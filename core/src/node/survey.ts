import type { Clock } from '../clock.ts';
import type { VerifyEd25519Async } from '../crypto/ed25519.ts';
import type { VerifiedCheckpoint } from '../log/policy.ts';
import { throwIfAborted } from '../net/deadline.ts';
import type { LogSource } from '../net/sources.ts';
import type { NetworkTrust } from '../records/types.ts';
import { newHeads, type AuthorityChain } from './authority-chain.ts';
import { judgeAgain, pollCheckpoints, type Polled } from './checkpoint-poll.ts';
import { headOfCheckpoint } from './closing-head.ts';
import type { Contradiction } from './conflict.ts';
import { continues, type Continuation } from './continues.ts';
import { refusedSource, type RefusedSource } from './refused-source.ts';

/** What all sources together say of the newest log. */
export interface Survey {
  /** With the epochs that sources showed; to be kept only with a checkpoint that is accepted. */
  readonly trust: NetworkTrust;
  readonly polled: readonly Polled[];
  readonly refused: readonly RefusedSource[];
  /** Two successors of one set of authorities: a reason to stop. */
  readonly rivals?: Contradiction;
}

/**
 * Asks every source for its checkpoint. Where authorities signed that nobody here knows, it is found out first whether those who are
 * known handed over to them. Rejects only with `E_ABORTED`.
 */
export async function surveySources(
  sources: readonly LogSource[],
  ports: {
    readonly chain: AuthorityChain;
    readonly verifySignature: VerifyEd25519Async;
    readonly clock: Clock;
  },
  signal?: AbortSignal,
): Promise<Survey> {
  const { chain, verifySignature, clock } = ports;
  const known = chain.trust;
  const polled = await pollCheckpoints(sources, { trust: known, verifySignature, clock }, signal);
  throwIfAborted(signal);
  if (strangers(polled).length === 0) return { trust: known, polled, refused: refusals(polled) };
  const { trust, refused, rivals } = await chain.follow(sources, clock, signal);
  const again = await judgeAgain(polled, { trust, verifySignature });
  const survey = { trust, polled: again, refused: [...refused, ...refusals(again)] };
  if (rivals !== undefined) return { ...survey, rivals };
  for (const { source } of strangers(again)) {
    const other = await chain.rivalsOf(source, trust, clock, signal);
    if (other !== undefined) return { ...survey, rivals: other };
  }
  return survey;
}

/**
 * Takes over the epochs up to a checkpoint, once a source has shown that it contains the trees they began with. Rejects with
 * `E_ABORTED` and `E_STORE…`.
 */
export async function beginEpochs(
  chain: AuthorityChain,
  source: LogSource,
  checkpoint: VerifiedCheckpoint,
  trust: NetworkTrust,
  signal?: AbortSignal,
): Promise<Continuation> {
  const heads = newHeads(trust, chain.trust).filter(({ size }) => size <= checkpoint.size);
  const history = await continues(source, heads, headOfCheckpoint(trust, checkpoint), signal);
  throwIfAborted(signal);
  if (history.kind === 'consistent') await chain.keep(trust, checkpoint.size);
  return history;
}

/** Those whose checkpoint came, but without a quorum of authorities that are known. */
function strangers(polled: readonly Polled[]): readonly Polled[] {
  return polled.filter(({ checkpoint }) => !checkpoint.ok && checkpoint.error.code === 'E_QUORUM');
}

function refusals(polled: readonly Polled[]): RefusedSource[] {
  return polled.flatMap(({ source, checkpoint, note }) =>
    checkpoint.ok ? [] : [refusedSource(source.id, checkpoint.error, note)],
  );
}
