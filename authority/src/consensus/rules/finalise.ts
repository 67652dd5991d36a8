import type { Hash, Header } from '../block.ts';
import type { FinalBlock } from '../events.ts';
import type { Execution } from '../ledger.ts';
import { certifiedDigest, viewOf, type KnownBlock, type State } from '../state.ts';
import type { Step } from '../step.ts';
import type { Certificate } from '../vote.ts';
import { executeWaiting } from './blocks.ts';
import { beginEpoch } from './epochs.ts';
import { dropSettled } from './pending.ts';
import { halt } from './record.ts';
import { castVote, mayVote } from './voting.ts';

/** Rule R4: votes to finalise every certified block above the last final one whose view this authority did not nullify. */
export function voteFinalise(step: Step): void {
  for (const view of [...step.state.views.keys()].toSorted((a, b) => a - b)) {
    const { state } = step;
    const { mine } = viewOf(state, view);
    const digest = certifiedDigest(state, view);
    if (digest === undefined || mine.nullified === true || mine.finalised !== undefined) continue;
    if (!mayVote(step) || state.view < view) continue;
    const known = state.blocks.get(digest);
    castVote(
      step,
      { kind: 'finalise', view, digest },
      { certificates: [{ view, kind: 'notarise' }], ...(known === undefined ? {} : { block: known }) },
    );
  }
}

/** Rule R7: a finality certificate makes its block and all blocks before it final, once their bodies are here. */
export function finaliseCertified(step: Step): void {
  const proof = newestProof(step.state);
  if (proof === undefined) return;
  const chain = chainTo(step.state, proof.digest);
  if (chain === undefined) return;
  finaliseChain(step, chain, proof);
}

/** The finality certificate of the highest view whose block is not final here yet. */
export function newestProof(state: State): Certificate | undefined {
  const proofs = [...state.views.values()].flatMap(({ certificates }) => certificates.finalise ?? []);
  return proofs.toSorted((a, b) => b.view - a.view)[0];
}

/**
 * Makes a chain of blocks final, from the child of the last final one on. `proof` names the last of them, or a descendant to which
 * `path` leads. Rule R7: where a block closes the epoch, it is the last one, whoever proves it; what follows is void. A proven block
 * that is not valid here means that this authority, or more than f others, are broken: it stops voting.
 */
export function finaliseChain(
  step: Step,
  chain: readonly KnownBlock[],
  proof: Certificate,
  path: readonly Header[] = [],
): void {
  const before = step.state.final;
  for (const [at, known] of chain.entries()) {
    if (known.outcome.kind !== 'valid') {
      halt(
        step,
        `the others made a block final that is not valid here, at height ${known.block.header.height}`,
      );
      break;
    }
    const isClosing = known.block.header.closes;
    const rest = chain.slice(at + 1).map(({ block }) => block.header);
    finaliseBlock(
      step,
      known,
      known.outcome.execution,
      provenBy(known, isClosing, proof, [...rest, ...path]),
    );
    if (isClosing) return beginEpoch(step);
  }
  // Without progress nothing may change, or the rules would never come to rest.
  if (step.state.final === before) return;
  forgetOld(step);
  executeWaiting(step);
}

/** What the database keeps as proof of a block: its own certificate, for a closing block also a descendant's. */
function provenBy(
  { digest }: KnownBlock,
  isClosing: boolean,
  proof: Certificate,
  path: readonly Header[],
): Pick<FinalBlock, 'proof' | 'path'> {
  if (proof.digest === digest) return { proof };
  return isClosing ? { proof, path } : {};
}

function finaliseBlock(
  step: Step,
  { block, digest }: KnownBlock,
  execution: Execution,
  proves: Pick<FinalBlock, 'proof' | 'path'>,
): void {
  const { ledger } = execution;
  const firstIndex = step.state.final.ledger.size;
  const final: FinalBlock = { block, digest, execution, firstIndex, ...proves };
  step.write({ kind: 'final', final });
  for (const { purl, index } of execution.additions) ledger.packages.add(purl, index);
  const { height, view, time } = block.header;
  const settled = { ...ledger, added: new Map<string, number>() };
  const { proof } = proves;
  step.set({
    final: {
      height,
      view,
      digest,
      time,
      ledger: settled,
      at: step.now,
      ...(proof === undefined ? {} : { proof }),
    },
  });
}

/** The blocks after the last final one up to `digest`; undefined while a body is missing. */
function chainTo(state: State, digest: Hash): KnownBlock[] | undefined {
  const chain: KnownBlock[] = [];
  for (let at = digest; at !== state.final.digest;) {
    const known = state.blocks.get(at);
    if (known === undefined) return undefined;
    chain.unshift(known);
    if (known.outcome.kind === 'invalid') return chain;
    if (known.outcome.kind === 'waiting' && known.block.header.height <= state.final.height + 1)
      return undefined;
    at = known.block.header.parent;
  }
  return chain;
}

/** Drops everything that finality settled: votes, certificates, bodies, transactions. */
function forgetOld(step: Step): void {
  const { state } = step;
  const { view } = state.final;
  step.set({
    entered: 0,
    views: new Map([...state.views].filter(([one]) => one > view)),
    blocks: new Map([...state.blocks].filter(([, known]) => known.block.header.view > view)),
    cosign: state.cosign.before.size === 0 ? state.cosign : { ...state.cosign, before: new Map() },
  });
  dropSettled(step);
}
