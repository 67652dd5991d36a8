import type { ConsensusStatus } from './consensus.ts';
import { nameOf, type Context } from './era.ts';
import { membershipIn, type History } from './history.ts';
import { suspendedIn } from './ledger.ts';
import { leaderOf, type State } from './state.ts';

/** A busy authority ticks every five delays; one that was silent for four of them is taken for unreachable. */
const SILENT_DELAYS = 20;

/** Epochs that the status tells of. */
const MAX_EPOCHS = 50;

/** What the status tells besides the state itself. */
export interface Surroundings {
  readonly now: number;
  /** Peers with an open stream, where the transport knows. */
  readonly connected: ReadonlySet<string> | undefined;
  readonly history: Pick<History, 'equivocations' | 'disagreements'>;
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
    leaderName: nameOf(context, leaderOf(context, state.view)),
    ...(context.me === undefined ? {} : { me: context.me }),
    busy: state.isBusy,
    pending: state.pending.size,
    peers: context.names.flatMap((name, index) =>
      name === context.name ? [] : [peerStatus(state, index, name, around)],
    ),
    equivocations: around.history.equivocations,
    membership: membershipIn(context).slice(-MAX_EPOCHS),
    disagreements: around.history.disagreements,
    ...(halted === undefined ? {} : { halted }),
    ...(around.checkpoint === undefined ? {} : { checkpoint: around.checkpoint }),
  };
}

function peerStatus(
  state: State,
  index: number,
  name: string,
  { connected }: Surroundings,
): ConsensusStatus['peers'][number] {
  const { lastVoteAt } = state.peers.get(name) ?? {};
  const height = heightOf(state, index, name);
  return {
    index,
    name,
    ...(lastVoteAt === undefined ? {} : { lastVoteAt }),
    ...(height === undefined ? {} : { height }),
    ...(connected === undefined ? {} : { connected: connected.has(name) }),
    ...(suspendedIn(state.final.ledger).includes(name) ? { suspended: true } : {}),
  };
}

/** A peer tells its height only with its ticks; who cosigned as much of the log as is final here is as far as that. */
function heightOf({ peers, cosign, final }: State, index: number, name: string): number | undefined {
  const told = peers.get(name)?.height;
  const cosigned = Math.max(0, ...(cosign.received.get(index)?.keys() ?? []));
  return cosigned >= final.ledger.size ? Math.max(told ?? 0, final.height) : told;
}

/** Nothing can become final while fewer than a quorum are in touch. An idle authority knows only from its transport. */
function missingQuorum(
  { count, quorum, delta, names, name: own }: Context,
  { peers, isBusy, busySince = 0 }: State,
  { now, connected }: Surroundings,
): { reason: string } | undefined {
  const patience = SILENT_DELAYS * delta;
  const others = names.filter((name) => name !== own);
  const heard = others.filter((name) => now - (peers.get(name)?.heardAt ?? 0) < patience).length;
  const isLongBusy = isBusy && now - busySince > patience;
  const open = connected === undefined ? others.length : others.filter((name) => connected.has(name)).length;
  const inTouch = count - others.length + (isLongBusy ? heard : open);
  if (inTouch >= quorum) return undefined;
  return { reason: `only ${inTouch} of ${count} authorities are in touch and ${quorum} are needed` };
}
