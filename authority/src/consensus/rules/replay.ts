import { CompactRange } from '@assay/core/log/merkle.ts';
import { makeAuthoritySet } from '@assay/core/records/authority-set.ts';
import { afterMembership, type EpochState } from '@assay/core/records/epoch-state.ts';
import type { LogHead } from '@assay/core/records/log-head.ts';
import { PackageMap } from '@assay/core/records/package-map.ts';
import { hashBytes, headerDigest } from '../block.ts';
import { eraAt, nextEra, type Era, type Network } from '../era.ts';
import { evidenceKey, type Evidence } from '../evidence.ts';
import { ledgerOf } from '../ledger.ts';
import { PackageIndex } from '../package-index.ts';
import { stateAt, viewOf, type State } from '../state.ts';
import { Step } from '../step.ts';
import type { Recovered, StoredEra, StoredTip } from '../store.ts';
import { addBlock } from './blocks.ts';
import { forbids, ownVoteKey } from './own-key.ts';
import { keepCertificate } from './record.ts';
import { enterViews } from './views.ts';
import { rememberOwn } from './voting.ts';

/**
 * Rule R11: the state of an authority that was restarted. Own votes first, so that none is contradicted; then bodies and
 * certificates; then the highest view that they, or a vote that was cast, justify. The event `start` must follow: it says again
 * what was said, and looks at every rule anew.
 */
export function restore(network: Network, genesis: State, recovered: Recovered, now: number): State {
  const step = new Step(network, finalState(network, genesis, recovered), now);
  const { cosigned, amnesia } = recovered;
  const { era } = step.state;
  const isForbidden = amnesia !== undefined && forbids(amnesia, ownVoteKey(era));
  step.set({
    began: now,
    evidence: evidenceOf(era, recovered),
    cosign: { ...step.state.cosign, ...(cosigned === undefined ? {} : { last: cosigned }) },
    ...(amnesia === undefined ? {} : { amnesia }),
    ...(isForbidden ? { halted: { reason: amnesia.reason } } : {}),
  });
  for (const block of recovered.blocks) addBlock(step, block, headerDigest(block.header));
  for (const vote of recovered.votes) {
    if (vote.epoch !== era.epoch || vote.view <= step.state.final.view) continue;
    rememberOwn(step, vote);
    const { votes } = viewOf(step.state, vote.view);
    const ofKind = new Map(votes[vote.kind]).set(vote.signer, vote);
    step.setView(vote.view, { votes: { ...votes, [vote.kind]: ofKind } });
    if (vote.kind === 'notarise') step.setView(vote.view, { proposal: vote.digest });
    step.set({ view: Math.max(step.state.view, vote.view) });
  }
  for (const certificate of recovered.certificates) {
    if (certificate.epoch !== era.epoch || certificate.view <= step.state.final.view) continue;
    keepCertificate(step, certificate);
    const { saved } = viewOf(step.state, certificate.view);
    step.setView(certificate.view, { saved: { ...saved, [certificate.kind]: true } });
  }
  enterViews(step);
  return step.state;
}

/** The state at the last final block of the database. */
function finalState(network: Network, genesis: State, recovered: Recovered): State {
  const { final, packages, handoffs } = recovered;
  if (final === undefined) return genesis;
  const era = eraIn(network, genesis.era, recovered.eras);
  const index = new PackageIndex();
  let map = PackageMap.empty;
  for (const { purl, index: at, leafHash } of packages) {
    index.add(purl, at);
    map = map.addVersion(purl, at, leafHash);
  }
  const { height, view, time, closes } = final.block.header;
  const { size } = final.tree;
  const log: LogHead = {
    size,
    batchStart: size,
    height: final.batches,
    time,
    epoch: epochStateAt(network, era, final),
    handoffs: handoffs.flatMap((_, at) => {
      const head = era.closings[at]?.head;
      return head === undefined ? [] : [{ size: head.size, root: hashBytes(head.root) }];
    }),
    packages: map,
    mapRoot: hashBytes(final.block.header.post.mapRoot),
  };
  return stateAt(era, {
    height,
    view: closes ? 0 : view,
    digest: final.digest,
    time,
    ledger: ledgerOf(CompactRange.of(final.tree.hashes, size), { log, packages: index }),
    at: 0,
    ...(final.proof === undefined ? {} : { proof: final.proof }),
  });
}

/** The newest epoch of the database. */
export function eraIn(network: Network, first: Era, eras: readonly StoredEra[]): Era {
  let era = first;
  for (const { authorities, head, state, proof } of eras) {
    const { limits, epoch } = era.set;
    const since = head.size;
    const next = makeAuthoritySet(network.origin, { epoch: epoch + 1, authorities, limits, since });
    era = nextEra(network, era, next, { head, state, proof });
  }
  return era;
}

/** What the log says of the epoch after the last final block: where that closed one, how it did. */
function epochStateAt(network: Network, era: Era, { block, suspended }: StoredTip): EpochState {
  if (!block.header.closes) return { set: era.set, suspended };
  const before = eraAt(network, era, block.header.epoch);
  const change = block.transactions.at(-1);
  const checked = change === undefined ? undefined : network.checkTransaction(change, before);
  let epoch: EpochState = { set: before.set, suspended };
  for (const record of checked?.ok === true ? checked.value.records : []) {
    if (record.kind === 'authority-add' || record.kind === 'authority-remove')
      epoch = afterMembership(epoch, record);
  }
  return { ...epoch, announced: era.set.setHash };
}

function evidenceOf(era: Era, { evidence }: Recovered): ReadonlyMap<string, Evidence> {
  const recent = evidence.filter(({ first }) => first.epoch >= era.epoch - 1 && first.epoch <= era.epoch);
  return new Map(
    recent.flatMap((one) => {
      const name = era.sets[one.first.epoch - 1]?.authorities[one.first.signer]?.name;
      return name === undefined ? [] : [[evidenceKey(name, one), one] as const];
    }),
  );
}
