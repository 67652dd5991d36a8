import { verifyEd25519Node } from '../crypto/ed25519-node.ts';
import { SIGNED_AT } from './evidence.fixture.ts';
import type { VerifyPorts } from './verify.ts';

/** What the verifier needs, in Node: its clock stands 12 seconds after the checkpoints of test logs were signed. */
export const ports: VerifyPorts = {
  verifySignature: async (publicKey, message, signature) => verifyEd25519Node(publicKey, message, signature),
  now: () => SIGNED_AT + 12,
  elapsed: () => performance.now(),
};
