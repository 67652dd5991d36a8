import { isAssayError, type AssayError } from '@assay/core/errors/assay-error.ts';
import type { SyncState } from '@assay/core/node/log-sync.ts';
import type { VerifiedNode } from '@assay/core/node/verified-node.ts';
import type { NodePhase, NodeStatus } from '../../lib/node/api.ts';
import { conflictView, networkFacts } from './views.ts';

/** Errors of a sync that say nothing but that somebody cannot be reached. */
const SILENCE = new Set(['E_UNREACHABLE', 'E_TIMEOUT', 'E_STREAM_CLOSED', 'E_HTTP_STATUS', 'E_NOT_FOUND']);

/** The leader's status, out of what its node knows and what it is doing. */
export function leaderStatus(
  node: VerifiedNode,
  now: {
    readonly growing?: { readonly have: number; readonly target: number };
    readonly peers: number;
    /** Whether anybody has been asked yet. */
    readonly asked: boolean;
    /** The origin now belongs to another network: nothing is synced from it. */
    readonly foreign?: AssayError;
  },
): NodeStatus {
  const { state } = node;
  const error = now.foreign ?? state.error;
  const conflict = state.anchor?.conflict;
  const { reanchored } = state;
  return {
    phase: now.foreign ? 'stopped' : now.growing ? 'syncing' : now.asked ? phaseOf(state) : 'starting',
    ...(node.mode === 'light' && { light: true }),
    size: now.growing?.have ?? state.size,
    target: now.growing?.target ?? state.target,
    ...(state.checkpoint && { freshAsOf: state.checkpoint.freshAsOf }),
    ...(state.syncedAt !== undefined && { lastSyncAt: state.syncedAt }),
    leader: true,
    peers: now.peers,
    network: networkFacts(node.trust),
    ...(error && { error }),
    ...(conflict && { conflict: conflictView(conflict, node.trust) }),
    ...(reanchored && {
      reanchored: { lastSeen: reanchored.lastSeen, sources: reanchored.sources.length },
    }),
  };
}

/** What a tab shows that follows: the leader's word on the network, its own on how much is checked here. */
export function followerStatus(node: VerifiedNode, leader: NodeStatus | undefined): NodeStatus {
  const { size, checkpoint } = node.state;
  return {
    phase: leader?.phase ?? 'starting',
    ...(node.mode === 'light' && { light: true }),
    size,
    target: Math.max(size, leader?.target ?? 0),
    ...(checkpoint && { freshAsOf: checkpoint.freshAsOf }),
    ...(leader?.lastSyncAt !== undefined && { lastSyncAt: leader.lastSyncAt }),
    leader: false,
    peers: leader?.peers ?? 0,
    network: networkFacts(node.trust),
    ...(leader?.error && { error: leader.error }),
    ...(leader?.conflict && { conflict: leader.conflict }),
    ...(leader?.reanchored && { reanchored: leader.reanchored }),
  };
}

function phaseOf({ error, refused, size }: SyncState): NodePhase {
  if (error === undefined) return 'synced';
  if (error.code === 'E_SYNC_NO_SOURCE') return 'offline';
  const silent = refused.every((one) => isAssayError(one.error) && SILENCE.has(one.error.code));
  if (error.code === 'E_SYNC_REFUSED' && silent) return 'offline';
  return size > 0 ? 'synced' : 'stopped';
}
