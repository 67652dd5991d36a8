import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { ConsensusStatus } from './consensus.ts';
import { leaderOf, type Context, type State } from './state.ts';

/** A busy authority ticks every five delays; one that was silent for four of them is taken for unreachable. */
const SILENT_DELAYS = 20;

/** What the status tells besides the state itself. */
export interface Surroundings {
  readonly trust: NetworkTrust;
  readonly now: number;
  /** Peers with an open stream, where the transport knows. */
  readonly connected: ReadonlySet<number> | undefined;
  /** Log entries in files. */
  readonly size: number;
  readonly checkpoint: ConsensusStatus['checkpoint'];
}

/** What an authority says of its consensus. */
export function statusOf(context: Context, state: State, around: Surroundings): ConsensusStatus {
  const halted = state.halted ?? missingQuorum(context, state, around);
  return {
    epoch: context.epoch,
    view: state.view,
    height: state.final.height,
    size: around.size,
    finalized: state.final.ledger.size,
    leader: leaderOf(context, state.view),
    busy: state.isBusy,
    pending: state.pending.size,
    peers: around.trust.current.authorities.flatMap(({ name }, index) =>
      index === context.me ? [] : [peerStatus(state, index, name)],
    ),
    ...(halted === undefined ? {} : { halted }),
    ...(around.checkpoint === undefined ? {} : { checkpoint: around.checkpoint }),
  };
}

function peerStatus(state: State, index: number, name: string): ConsensusStatus['peers'][number] {
  const { lastVoteAt } = state.peers.get(index) ?? {};
  const height = heightOf(state, index);
  return {
    index,
    name,
    ...(lastVoteAt === undefined ? {} : { lastVoteAt }),
    ...(height === undefined ? {} : { height }),
  };
}

/** A peer tells its height only with its ticks; who cosigned as much of the log as is final here is as far as that. */
function heightOf({ peers, cosign, final }: State, index: number): number | undefined {
  const told = peers.get(index)?.height;
  const cosigned = Math.max(0, ...(cosign.received.get(index)?.keys() ?? []));
  return cosigned >= final.ledger.size ? Math.max(told ?? 0, final.height) : told;
}

/** Nothing can become final while fewer than a quorum are in touch. An idle authority knows only from its transport. */
function missingQuorum(
  { count, quorum, delta }: Context,
  { peers, isBusy, busySince = 0 }: State,
  { now, connected }: Surroundings,
): { reason: string } | undefined {
  const patience = SILENT_DELAYS * delta;
  const heard = [...peers.values()].filter((peer) => now - (peer.heardAt ?? 0) < patience).length;
  const isLongBusy = isBusy && now - busySince > patience;
  const inTouch = 1 + (isLongBusy ? heard : (connected?.size ?? count - 1));
  if (inTouch >= quorum) return undefined;
  return { reason: `only ${inTouch} of ${count} authorities are in touch and ${quorum} are needed` };
}
