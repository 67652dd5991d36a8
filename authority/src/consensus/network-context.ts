import { signEd25519Node, verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { CompactRange, leafHash } from '@assay/core/log/merkle.ts';
import { genesisBatch } from '@assay/core/records/network.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { ConsensusKeyRing } from './consensus.ts';
import type { TreeHead } from './cosignature.ts';
import type { Network } from './era.ts';
import { createTransactionChecker } from './transaction-checker.ts';

/** What one authority of a real network knows from the start, and signs with. */
export function networkContext(
  trust: NetworkTrust,
  { name, keyRing, delta }: { name: string; keyRing: ConsensusKeyRing; delta: number },
): Network {
  return {
    chain: toHex(trust.networkId),
    origin: trust.genesis.origin,
    trust,
    name,
    leaderOffset: trust.networkId[0] ?? 0,
    delta,
    verify: verifyEd25519Node,
    checkTransaction: createTransactionChecker({
      trust,
      genesis: genesisHead(trust),
      verify: verifyEd25519Node,
    }),
    holdsVoteKey: (publicKey) => keyRing.voteSeed(publicKey) !== undefined,
    signVote: (publicKey, message) => {
      const seed = keyRing.voteSeed(publicKey);
      if (seed === undefined) throw new AssayError('E_CONSENSUS_STATE', { reason: 'the vote key is gone' });
      return signEd25519Node(message, seed);
    },
    signCosignature: (publicKey, message) => {
      const seed = keyRing.cosignSeed(publicKey);
      return seed === undefined ? undefined : signEd25519Node(message, seed);
    },
  };
}

/** The tree of the genesis batch. */
export function genesisHead(trust: NetworkTrust): TreeHead {
  const range = CompactRange.of();
  for (const entry of genesisBatch(trust)) range.append(leafHash(entry));
  return { size: range.size, root: toHex(range.root()) };
}
