import { CompactRange } from '@assay/core/log/merkle.ts';
import { PackageMap } from '@assay/core/records/package-map.ts';
import { headerDigest } from '../block.ts';
import { ledgerOf } from '../ledger.ts';
import { PackageIndex } from '../package-index.ts';
import { stateAt, viewOf, type Context, type State } from '../state.ts';
import { Step } from '../step.ts';
import type { Recovered } from '../store.ts';
import { addBlock } from './blocks.ts';
import { keepCertificate } from './record.ts';
import { enterViews } from './views.ts';
import { rememberOwn } from './voting.ts';

/**
 * Rule R11: the state of an authority that was restarted. Own votes first, so that none is contradicted; then bodies and
 * certificates; then the highest view that they, or a vote that was cast, justify. The event `start` must follow: it says again
 * what was said, and looks at every rule anew.
 */
export function restore(context: Context, genesis: State, recovered: Recovered, now: number): State {
  const step = new Step(context, finalState(genesis, recovered), now);
  const { cosigned, amnesia, evidence } = recovered;
  step.set({
    evidence: new Set(evidence),
    cosign: { ...step.state.cosign, ...(cosigned === undefined ? {} : { last: cosigned }) },
    ...(amnesia === undefined ? {} : { halted: { reason: amnesia } }),
  });
  for (const block of recovered.blocks) addBlock(step, block, headerDigest(block.header));
  for (const vote of recovered.votes) {
    if (vote.view <= step.state.final.view) continue;
    rememberOwn(step, vote);
    const { votes } = viewOf(step.state, vote.view);
    const ofKind = new Map(votes[vote.kind]).set(vote.signer, vote);
    step.setView(vote.view, { votes: { ...votes, [vote.kind]: ofKind } });
    if (vote.kind === 'notarise') step.setView(vote.view, { proposal: vote.digest });
    step.set({ view: Math.max(step.state.view, vote.view) });
  }
  for (const certificate of recovered.certificates) {
    if (certificate.view <= step.state.final.view) continue;
    keepCertificate(step, certificate);
    const { saved } = viewOf(step.state, certificate.view);
    step.setView(certificate.view, { saved: { ...saved, [certificate.kind]: true } });
  }
  enterViews(step);
  return step.state;
}

/** The state at the last final block of the database. */
function finalState(genesis: State, { final, packages }: Recovered): State {
  if (final === undefined) return genesis;
  const index = new PackageIndex();
  let map = PackageMap.empty;
  for (const { purl, index: at, leafHash } of packages) {
    index.add(purl, at);
    map = map.addVersion(purl, at, leafHash);
  }
  const { height, view, time } = final.block.header;
  const range = CompactRange.of(final.tree.hashes, final.tree.size);
  const ledger = ledgerOf(range, final.batches, { map, packages: index });
  return stateAt({
    height,
    view,
    digest: final.digest,
    time,
    ledger,
    at: 0,
    ...(final.proof === undefined ? {} : { proof: final.proof }),
  });
}
