import { faultTolerance } from '@assay/core/log/quorum.ts';
import { isTreeHeadSigned, treeHeadBytes, type SignedTreeHead, type TreeHead } from '../cosignature.ts';
import { MAX_COSIGNED_SIZES } from '../limits.ts';
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
  const ofSigner = state.cosign.received.get(signed.signer) ?? new Map<number, SignedTreeHead>();
  const earlier = ofSigner.get(signed.size);
  if (earlier?.root === signed.root && earlier.time >= signed.time) return;
  // Of what is published already only a second root matters: after a fork one log may be the shorter one for good.
  const isOld = signed.size < (state.cosign.published?.size ?? 0);
  if (isOld && (earlier === undefined || earlier.root === signed.root)) return;
  if (!isTreeHeadSigned(context, signed)) return;
  compareCosignatures(step, earlier, signed);
  if (earlier !== undefined && earlier.root !== signed.root) return;
  const sizes = [...new Map(ofSigner).set(signed.size, signed)].toSorted(([a], [b]) => a - b);
  const received = new Map(state.cosign.received).set(
    signed.signer,
    new Map(sizes.slice(-MAX_COSIGNED_SIZES)),
  );
  const own = signed.signer === context.me ? { own: signed } : {};
  step.set({ cosign: { ...step.state.cosign, received, ...own } });
  publishIfQuorum(step);
}

function cosignOnce(step: Step, head: TreeHead): void {
  const { last, own } = step.state.cosign;
  if (last !== undefined && head.size <= last.size) {
    if (own === undefined && head.size === last.size && head.root === last.root) release(step, head);
    return;
  }
  step.set({ cosign: { ...step.state.cosign, last: head } });
  step.write({ kind: 'cosigned', head });
  release(step, head);
}

/** Signs and lets go, once what was written in this step is durable. */
function release(step: Step, head: TreeHead): void {
  const { context, now } = step;
  const time = Math.floor(now / 1000);
  const signature = context.signCosignature(treeHeadBytes(context.origin, head, time));
  step.release({ kind: 'cosignature', cosignature: { ...head, signer: context.me, time, signature } });
}

/** Publishes the largest durable head with a quorum of cosignatures, if that is news: a larger size, or a fresher time. */
function publishIfQuorum(step: Step): void {
  const { context, state } = step;
  const { durable, received, published } = state.cosign;
  for (const head of durable.toReversed()) {
    if (head.size < (published?.size ?? 0)) return;
    const cosignatures = [...received.values()]
      .flatMap((sizes) => sizes.get(head.size) ?? [])
      .filter((signed) => signed.root === head.root)
      .toSorted((a, b) => b.time - a.time || a.signer - b.signer)
      .slice(0, context.quorum);
    const freshAsOf = cosignatures[faultTolerance(context.count)]?.time;
    if (cosignatures.length < context.quorum || freshAsOf === undefined) continue;
    if (published?.size === head.size && freshAsOf <= published.freshAsOf) return;
    step.emit({ kind: 'publish', head, cosignatures, freshAsOf });
    step.set({
      cosign: { ...state.cosign, published: { size: head.size, freshAsOf }, durable: since(durable, head) },
    });
    return;
  }
}

function since(durable: readonly TreeHead[], { size }: TreeHead): readonly TreeHead[] {
  return durable.filter((head) => head.size >= size);
}
