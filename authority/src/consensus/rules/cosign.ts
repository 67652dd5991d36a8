import { indexOfAuthority } from '@assay/core/records/authority-set.ts';
import { faultTolerance, quorum } from '@assay/core/log/quorum.ts';
import { isTreeHeadSigned, treeHeadBytes, type SignedTreeHead, type TreeHead } from '../cosignature.ts';
import { isHandoffDue } from '../ledger.ts';
import { MAX_COSIGNED_SIZES } from '../limits.ts';
import type { Cosignatures } from '../state.ts';
import type { Step } from '../step.ts';
import { compareCosignatures } from './record.ts';

/**
 * Rule R8: the log files up to `head` are durable, so it may be cosigned: larger sizes only, each with one root. After a restart
 * the last one again, for its cosignature may have been lost.
 */
export function logDurable(step: Step, head: TreeHead): void {
  const { cosign } = step.state;
  const { size, root } = head;
  step.set({
    cosign: { ...cosign, durable: [...cosign.durable, { size, root }].slice(-MAX_COSIGNED_SIZES) },
  });
  if (step.state.halted === undefined) cosignOnce(step, { size, root });
  publishIfQuorum(step);
}

/** Rule R8: the same checkpoint again, with a new time, so that clients see that it is still the newest. */
export function heartbeat(step: Step): void {
  const { cosign, halted } = step.state;
  if (halted === undefined && cosign.last !== undefined) release(step, cosign.last);
}

/** Takes in a cosignature, its own included, and publishes the checkpoint it completes. */
export function recordCosignature(step: Step, signed: SignedTreeHead): void {
  const { context, state } = step;
  const place = placeOf(step, signed);
  if (place === undefined) return;
  const ofSigner = state.cosign[place].get(signed.signer) ?? new Map<number, SignedTreeHead>();
  const earlier = ofSigner.get(signed.size);
  if (earlier?.root === signed.root && earlier.time >= signed.time) return;
  // Of what is published already only a second root matters: after a fork one log may be the shorter one for good.
  const isOld = signed.size < (state.cosign.published?.size ?? 0);
  if (isOld && (earlier === undefined || earlier.root === signed.root)) return;
  if (!isTreeHeadSigned(context, signed)) return;
  compareCosignatures(step, earlier, signed);
  if (earlier !== undefined && earlier.root !== signed.root) return;
  const sizes = [...new Map(ofSigner).set(signed.size, signed)].toSorted(([a], [b]) => a - b);
  const received: Cosignatures = new Map(state.cosign[place]).set(
    signed.signer,
    new Map(sizes.slice(-MAX_COSIGNED_SIZES)),
  );
  const own = isByThis(step, signed) ? { own: signed } : {};
  step.set({ cosign: { ...step.state.cosign, [place]: received, ...own } });
  publishIfQuorum(step);
}

function cosignOnce(step: Step, head: TreeHead): void {
  const { last, own } = step.state.cosign;
  if (last !== undefined && head.size <= last.size) {
    if (own === undefined && head.size === last.size && head.root === last.root) release(step, head);
    return;
  }
  if (!mayCosign(step, head.size)) return;
  step.set({ cosign: { ...step.state.cosign, last: head } });
  step.write({ kind: 'cosigned', head });
  release(step, head);
}

/** Whether this authority is one of those who cosign this size. */
function mayCosign(step: Step, size: number): boolean {
  const { context } = step;
  const epoch = epochOf(step, size);
  const set = epoch === undefined ? undefined : context.sets[epoch - 1];
  return set !== undefined && indexOfAuthority(set, context.name) >= 0;
}

/** Signs and lets go, once what was written in this step is durable. */
function release(step: Step, { size, root }: TreeHead): void {
  const { context, now } = step;
  const epoch = epochOf(step, size);
  const set = epoch === undefined ? undefined : context.sets[epoch - 1];
  if (epoch === undefined || set === undefined) return;
  const signer = indexOfAuthority(set, context.name);
  const key = set.authorities[signer]?.cosignKey;
  if (key === undefined) return;
  const time = Math.floor(now / 1000);
  const signature = context.signCosignature(key, treeHeadBytes(context.origin, { size, root }, time));
  if (signature === undefined) return;
  step.release({ kind: 'cosignature', cosignature: { size, root, epoch, signer, time, signature } });
}

/**
 * Rule R12: the epoch whose authorities cosign this size. What the epoch before ended with is its authorities' own to cosign, until
 * the hand-off is final; smaller sizes are nobody's any more.
 */
function epochOf({ context, state }: Step, size: number): number | undefined {
  if (size > context.set.since) return context.epoch;
  const isClosing = size === context.set.since && isHandoffDue(state.final.ledger, context);
  return isClosing ? context.epoch - 1 : undefined;
}

/** Where this cosignature counts; undefined when nowhere. */
function placeOf(step: Step, { epoch, size }: SignedTreeHead): 'received' | 'before' | undefined {
  if (epochOf(step, size) !== epoch) return undefined;
  return epoch === step.context.epoch ? 'received' : 'before';
}

function isByThis({ context }: Step, { epoch, signer }: SignedTreeHead): boolean {
  const author = context.sets[epoch - 1]?.authorities[signer];
  return author?.name === context.name;
}

/** Publishes the largest durable head with a quorum of cosignatures, if that is news: a larger size, or a fresher time. */
function publishIfQuorum(step: Step): void {
  const { context, state } = step;
  const { durable, published } = state.cosign;
  for (const head of durable.toReversed()) {
    const epoch = epochOf(step, head.size);
    if (epoch === undefined || head.size < (published?.size ?? 0)) return;
    const count = context.sets[epoch - 1]?.authorities.length ?? 0;
    const need = quorum(count);
    const cosignatures = [...state.cosign[epoch === context.epoch ? 'received' : 'before'].values()]
      .flatMap((sizes) => sizes.get(head.size) ?? [])
      .filter((signed) => signed.root === head.root)
      .toSorted((a, b) => b.time - a.time || a.signer - b.signer)
      .slice(0, need);
    const freshAsOf = cosignatures[faultTolerance(count)]?.time;
    if (cosignatures.length < need || freshAsOf === undefined) continue;
    if (published?.size === head.size && freshAsOf <= published.freshAsOf) return;
    step.emit({ kind: 'publish', epoch, head, cosignatures, freshAsOf });
    step.set({
      cosign: { ...state.cosign, published: { size: head.size, freshAsOf }, durable: since(durable, head) },
    });
    return;
  }
}

function since(durable: readonly TreeHead[], { size }: TreeHead): readonly TreeHead[] {
  return durable.filter((head) => head.size >= size);
}

/**
 * Rule R12: the cosignatures a hand-off is made of: exactly a quorum of the epoch before over the tree it ended with, by ascending
 * index. Undefined while there are too few.
 */
export function handoffCosignatures({ context, state }: Step): readonly SignedTreeHead[] | undefined {
  const head = context.closings.at(-1)?.head;
  const before = context.sets.at(-2);
  if (head === undefined || before === undefined) return undefined;
  const found = [...state.cosign.before.values()]
    .flatMap((sizes) => sizes.get(head.size) ?? [])
    .filter((signed) => signed.root === head.root)
    .toSorted((a, b) => a.signer - b.signer);
  const need = quorum(before.authorities.length);
  return found.length < need ? undefined : found.slice(0, need);
}
