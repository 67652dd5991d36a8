import { signEd25519Node, verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { faultTolerance, quorum } from '@assay/core/log/quorum.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { ConsensusKeys } from './consensus.ts';
import type { Context } from './state.ts';
import { createTransactionChecker } from './transaction-checker.ts';

/** What one authority of a real network knows from the start. Throws E_CONSENSUS_STATE when the keys are not its own. */
export function networkContext(trust: NetworkTrust, me: number, keys: ConsensusKeys, delta: number): Context {
  const { origin } = trust.genesis;
  const { authorities, epoch } = trust.current;
  const self = authorities[me];
  const isOwn =
    self !== undefined &&
    equalBytes(self.voteKey, publicKeyFromSeed(keys.vote)) &&
    equalBytes(self.cosignKey, publicKeyFromSeed(keys.cosign)) &&
    equalBytes(self.logKey, publicKeyFromSeed(keys.log));
  if (!isOwn)
    throw new AssayError('E_CONSENSUS_STATE', { reason: `the keys are not those of authority ${me}` });
  const count = authorities.length;
  return {
    me,
    count,
    faults: faultTolerance(count),
    quorum: quorum(count),
    epoch,
    chain: toHex(trust.networkId),
    setHash: toHex(trust.current.setHash),
    origin,
    voteKeys: authorities.map((authority) => authority.voteKey),
    cosignKeys: authorities.map((authority) => authority.cosignKey),
    leaderOffset: trust.networkId[0] ?? 0,
    delta,
    verify: verifyEd25519Node,
    signVote: (message) => signEd25519Node(message, keys.vote),
    signCosignature: (message) => signEd25519Node(message, keys.cosign),
    check: createTransactionChecker(trust, verifyEd25519Node),
  };
}
