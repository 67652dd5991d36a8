import { findPackage } from '../ledger.ts';
import type { OwnStatement } from '../events.ts';
import type { MemoryStore } from '../memory-store.ts';
import type { Vote } from '../vote.ts';
import type { Cluster } from './cluster.ts';

/** What went wrong, in words; empty when nothing did. */
export type Violations = string[];

/**
 * Watches every own statement of honest authorities as it leaves: no two contrary votes over all lives, and rule W: the vote
 * and what it rests on are in the database by then.
 */
export function watch(cluster: Cluster): Violations {
  const violations: Violations = [];
  const votes = new Map<string, Vote>();
  const sizes = new Map<number, { size: number; root: string }>();
  const honest = new Set(cluster.honest);
  cluster.witness = (node: number, statement: OwnStatement, store: MemoryStore) => {
    if (!honest.has(node)) return;
    if (statement.kind === 'cosignature') {
      const { size, root } = statement.cosignature;
      const last = sizes.get(node);
      if (last !== undefined && (size < last.size || (size === last.size && root !== last.root))) {
        violations.push(`I12: ${node} cosigned size ${size} after ${last.size}`);
      }
      sizes.set(node, { size, root });
      return;
    }
    const { vote } = statement;
    noteVote(votes, node, vote, violations);
    if (!isGrounded(vote, store))
      violations.push(`W: ${node} sent ${vote.kind} in view ${vote.view} without its grounds`);
  };
  return violations;
}

/** Compares what the authorities made final and published. */
export function judge(cluster: Cluster): Violations {
  const violations: Violations = [];
  const byHeight = new Map<number, string>();
  const roots = new Map<number, string>();
  const purls = new Set<string>();
  for (const node of cluster.honest) {
    let parent = cluster.contexts[node]?.chain;
    for (const { block, digest, execution } of cluster.seen[node]?.final ?? []) {
      const { height, post } = block.header;
      if (block.header.parent !== parent)
        violations.push(`I6: ${node} made height ${height} final out of order`);
      parent = digest;
      if ((byHeight.get(height) ?? digest) !== digest)
        violations.push(`I5: two blocks are final at height ${height}`);
      if ((roots.get(post.size) ?? post.root) !== post.root)
        violations.push(`I11: two roots at size ${post.size}`);
      roots.set(post.size, post.root);
      for (const { purl } of byHeight.has(height) ? [] : execution.transactions) {
        if (purls.has(purl)) violations.push(`I10: ${purl} is in the log twice`);
        purls.add(purl);
      }
      byHeight.set(height, digest);
    }
    checkPublished(cluster, node, violations);
    const state = cluster.state(node);
    for (const key of state?.evidence ?? []) {
      const accused = Number(key.split('/')[0]);
      if (cluster.honest.includes(accused))
        violations.push(`I16: evidence against honest ${accused}: ${key}`);
    }
    if (state?.halted !== undefined) violations.push(`${node} stopped voting: ${state.halted.reason}`);
  }
  return violations;
}

/** Whether every running honest authority has all of these in its final log. */
export function haveAll(cluster: Cluster, purls: readonly string[]): boolean {
  return cluster.honest.every((node) => {
    const ledger = cluster.state(node)?.final.ledger;
    return ledger === undefined || purls.every((purl) => findPackage(ledger, purl) !== undefined);
  });
}

function noteVote(votes: Map<string, Vote>, node: number, vote: Vote, violations: Violations): void {
  const key = `${node} ${vote.kind} ${vote.view}`;
  const earlier = votes.get(key);
  if (earlier !== undefined && earlier.digest !== vote.digest) violations.push(`I1: ${key} for two blocks`);
  votes.set(key, vote);
  if (votes.has(`${node} nullify ${vote.view}`) && votes.has(`${node} finalise ${vote.view}`)) {
    violations.push(`I2: ${node} nullified and finalised view ${vote.view}`);
  }
}

/** Rule W and I3, I4: vote, body and certificates are durable. Votes for views that became final meanwhile are settled. */
function isGrounded(vote: Vote, store: MemoryStore): boolean {
  const { final, votes, certificates, blocks } = store.recover();
  const finalView = final?.block.header.view ?? 0;
  if (vote.view <= finalView) return true;
  if (!votes.some((one) => one.kind === vote.kind && one.view === vote.view && one.digest === vote.digest))
    return false;
  if (vote.kind === 'nullify') return true;
  const known = blocks.find((block) => block.header.view === vote.view);
  if (known === undefined) return false;
  if (vote.kind === 'finalise') {
    return certificates.some(
      (one) => one.kind === 'notarise' && one.view === vote.view && one.digest === vote.digest,
    );
  }
  const { parent } = known.header;
  const parentView = certificates.find((one) => one.kind === 'notarise' && one.digest === parent)?.view;
  const from = parent === final?.digest ? finalView : (parentView ?? finalView);
  for (let view = from + 1; view < vote.view; view++) {
    if (!certificates.some((one) => one.kind === 'nullify' && one.view === view)) return false;
  }
  return true;
}

function checkPublished(cluster: Cluster, node: number, violations: Violations): void {
  const context = cluster.contexts[node];
  let last = 0;
  for (const { head, cosignatures } of cluster.seen[node]?.published ?? []) {
    if (head.size < last) violations.push(`${node} published size ${head.size} after ${last}`);
    last = head.size;
    const signers = new Set(cosignatures.map((one) => one.signer));
    if (signers.size !== context?.quorum || cosignatures.length !== context.quorum) {
      violations.push(`${node} published a checkpoint with ${signers.size} cosignatures`);
    }
    if (cosignatures.some((one) => one.size !== head.size || one.root !== head.root)) {
      violations.push(`${node} published cosignatures of another checkpoint`);
    }
  }
}
