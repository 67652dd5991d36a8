import { signEd25519Node, verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { quorum } from '@assay/core/log/quorum.ts';
import { verifyCheckpoint } from '@assay/core/log/policy.ts';
import { LogState } from '@assay/core/records/batch.ts';
import { genesisBatch } from '@assay/core/records/network.ts';
import { CREATED, makeNetwork, makeProposal, makeTransaction } from '@assay/core/records/network.fixture.ts';
import { encodeTransaction } from '@assay/core/records/transaction.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { networkContext } from '../src/consensus/network-context.ts';
import { genesisState } from '../src/consensus/state.ts';
import { checkpointNote } from '../src/log-writer/checkpoint-note.ts';
import type { FinalBlock } from '../src/consensus/events.ts';
import { DELTA } from './authorities.ts';
import type { PublishedCheckpoint, Surroundings } from './surroundings.ts';

const kept = new Map<string, Uint8Array>();

/** A network of `count` authorities with ed25519 keys, records and attested transactions as in earnest. */
export function realSurroundings(count: number): Surroundings {
  const network = makeNetwork(count);
  const { trust } = network;
  const nameOf = (index: number) => trust.genesis.authorities[index]?.name ?? '';
  const agreeing = Array.from({ length: quorum(count) }, (_, index) => index);
  return {
    start: (CREATED + 3_600) * 1_000,
    nameOf,
    authority(me) {
      const seedOf = (key: Uint8Array) => network.seedOf(key);
      const keyRing = { voteSeed: seedOf, cosignSeed: seedOf, logSeed: seedOf, voteKeys: () => [] };
      const name = nameOf(me);
      const own = networkContext(trust, { name, keyRing, delta: DELTA });
      const { created } = trust.genesis;
      const genesis = genesisState(own, { entries: genesisBatch(trust), time: created });
      return { network: own, genesis };
    },
    transaction(purl, nonce) {
      const name = `${count} ${purl} ${nonce}`;
      const proposal = () => makeProposal(purl, utf8(`content ${nonce} of ${purl}`));
      const bytes = kept.get(name) ?? encodeTransaction(makeTransaction(network, proposal(), agreeing));
      kept.set(name, bytes);
      return bytes;
    },
    async judge(log, checkpoints) {
      const signLog = (key: Uint8Array, message: Uint8Array) => signEd25519Node(message, network.seedOf(key));
      return [...replay(trust, log), ...(await refused(trust, checkpoints, signLog))];
    },
  };
}

/** Replays the log as every client does. */
function replay(trust: NetworkTrust, log: readonly FinalBlock[]): string[] {
  const state = new LogState(trust);
  const batches = [genesisBatch(trust), ...log.map(({ execution }) => execution.entries)];
  for (const entries of batches.filter(({ length }) => length > 0)) {
    const applied = state.applyBatch(entries);
    if (!applied.ok) return [`I20: clients refuse the log at size ${state.size}: ${applied.error.message}`];
  }
  return [];
}

/** The checkpoints that the verifier of all clients does not accept. */
async function refused(
  trust: NetworkTrust,
  checkpoints: readonly PublishedCheckpoint[],
  signLog: (key: Uint8Array, message: Uint8Array) => Uint8Array,
): Promise<string[]> {
  const found: string[] = [];
  for (const { publisher, head, cosignatures } of checkpoints) {
    const { origin, authorities } = trust.genesis;
    const name = authorities[publisher]?.name ?? '';
    const setOf = (epoch: number) => trust.sets[epoch - 1];
    const note = checkpointNote({ origin, name, setOf, signLog }, 1, head, cosignatures) ?? new Uint8Array(0);
    const verified = await verifyCheckpoint(note, trust.current.policy, (...signed) =>
      Promise.resolve(verifyEd25519Node(...signed)),
    );
    const isSame =
      verified.ok && verified.value.size === head.size && toHex(verified.value.root) === head.root;
    if (!isSame) found.push(`I20: clients refuse a checkpoint of size ${head.size} by ${publisher}`);
  }
  return found;
}
