import { MAX_CERTIFICATE_RANGE } from '../limits.ts';
import { nameOf } from '../era.ts';
import type { Message } from '../messages.ts';
import { leaderOf, viewOf } from '../state.ts';
import type { Step } from '../step.ts';
import { missingAncestor } from './blocks.ts';
import { newestProof } from './finalise.ts';
import { bestParent, footing } from './parents.ts';
import { isLeading } from './views.ts';

/** Something this authority lacks, and who may have it, the most likely first. */
interface Want {
  readonly key: string;
  readonly message: Message;
  readonly from: readonly string[];
}

/** Asks for everything that is lacking and was not asked for since the last tick (rules R3 and R9). */
export function fetchMissing(step: Step): void {
  for (const { key, message, from } of wants(step)) {
    const { state, context } = step;
    if (state.asked.has(key)) continue;
    const peers = from.filter((peer) => peer !== context.name);
    const peer = peers[state.ticks % peers.length];
    if (peer === undefined) continue;
    step.set({ asked: new Set(state.asked).add(key) });
    step.send(peer, message);
  }
}

/** The name under which asking for a body is remembered. */
export function bodyKey(digest: string): string {
  return `block ${digest}`;
}

/** The name under which asking for final blocks is remembered. */
export function finalKey(height: number): string {
  return `final ${height}`;
}

function wants(step: Step): Want[] {
  return [...finalBlocks(step), ...bodies(step), ...certificates(step)];
}

/** What a certificate proves to be final; or what peers must have that say they are in a later epoch. */
function finalBlocks(step: Step): Want[] {
  const { context, state } = step;
  const proof = newestProof(state);
  const ahead = [...state.peers].filter(([, { epoch = 0 }]) => epoch > context.epoch).map(([name]) => name);
  const holders =
    proof === undefined ? ahead : [...proof.signers.map((signer) => nameOf(context, signer)), ...ahead];
  if (holders.length === 0) return [];
  const from = state.final.height + 1;
  return [
    {
      key: finalKey(from),
      message: { kind: 'fetch-final', from },
      from: lastHeardFirst(step, [...new Set(holders)]),
    },
  ];
}

/** Bodies of notarised blocks, and of what the present proposal stands on. */
function bodies({ context, state }: Step): Want[] {
  const wanted: Want[] = [];
  for (const [view, { certificates: known, proposal }] of state.views) {
    const leader = leaderOf(context, view);
    const notarised = known.notarise;
    const targets = [notarised?.digest, view === state.view ? proposal : undefined];
    for (const target of targets) {
      const digest = target === undefined ? undefined : missingAncestor(state, target);
      if (digest === undefined) continue;
      const holders = notarised?.signers.map((signer) => nameOf(context, signer)) ?? context.names;
      const from = [nameOf(context, leader), ...holders];
      wanted.push({ key: bodyKey(digest), message: { kind: 'fetch-block', digest }, from });
    }
  }
  return wanted;
}

/** Certificates without which the present proposal, or one's own, has no firm footing. */
function certificates(step: Step): Want[] {
  const { context, state } = step;
  const { proposal, mine } = viewOf(state, state.view);
  if (mine.notarised !== undefined || mine.nullified === true) return [];
  const range = proposal === undefined ? ownGap(step) : gapUnder(step, proposal);
  if (range === undefined) return [];
  const { from } = range;
  const to = Math.min(range.to, from + MAX_CERTIFICATE_RANGE - 1);
  const peers = lastHeardFirst(step, context.names);
  return [
    { key: `certificates ${from}-${to}`, message: { kind: 'fetch-certificates', from, to }, from: peers },
  ];
}

function gapUnder({ state }: Step, proposal: string): { from: number; to: number } | undefined {
  const parent = state.blocks.get(proposal)?.block.header.parent;
  const ground = parent === undefined ? undefined : footing(state, parent, state.view);
  return ground?.kind === 'lacking' ? ground : undefined;
}

function ownGap(step: Step): { from: number; to: number } | undefined {
  const { state } = step;
  if (!isLeading(step) || bestParent(state) !== undefined) return undefined;
  return { from: Math.max(state.final.view + 1, state.view - MAX_CERTIFICATE_RANGE), to: state.view - 1 };
}

/** Who spoke last is the most likely to be there, and often brought the news that made the gap known. */
function lastHeardFirst(step: Step, peers: readonly string[]): string[] {
  const heardAt = (peer: string) => step.state.peers.get(peer)?.heardAt ?? 0;
  return peers.toSorted((a, b) => heardAt(b) - heardAt(a));
}
