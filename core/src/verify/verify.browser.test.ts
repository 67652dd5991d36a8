import { beforeAll, describe, expect, it } from 'vitest';
import { createWebCryptoVerifier } from '../crypto/ed25519-webcrypto.ts';
import {
  blocksContent,
  bytesContent,
  clsx,
  failsOf,
  fileOf,
  SIGNED_AT,
  threePackages,
  type TestLog,
} from './evidence.fixture.ts';
import type { Evidence } from './types.ts';
import { verify, type VerifyPorts } from './verify.ts';

let log: TestLog;
let evidence: Evidence;
let ports: VerifyPorts;

beforeAll(async () => {
  ({ log, evidence } = await threePackages());
  const verifySignature = await createWebCryptoVerifier(crypto.subtle);
  ports = { verifySignature, now: () => SIGNED_AT + 12, elapsed: () => performance.now() };
});

describe('the verifier in a browser', () => {
  it('verifies what it verifies in Node, from bytes and from blocks', async () => {
    expect((await verify(evidence, ports)).verdict).toBe('verified');
    expect((await verify({ ...evidence, artifact: fileOf(blocksContent()) }, ports)).verdict).toBe(
      'verified',
    );
  });

  it('refuses what it refuses in Node, for the same reasons', async () => {
    const changed = bytesContent(clsx.file.with(20_000, 0));
    expect(failsOf(await verify({ ...evidence, artifact: fileOf(changed) }, ports))).toEqual([
      'bytes E_CONTENT_DIGEST',
      'blocks E_CONTENT_CAPABILITY',
    ]);
    const few = log.checkpoint({ cosigners: [0, 1, 1] });
    expect(failsOf(await verify({ ...evidence, checkpoint: few }, ports))).toEqual(['quorum E_QUORUM']);
    const forked = log.checkpoint({ root: new Uint8Array(32) });
    expect(failsOf(await verify({ ...evidence, checkpoint: forked }, ports))).toEqual([
      'inclusion E_INCLUSION',
    ]);
    const other = (await log.evidence('pkg:npm/a@1.0.0')).agreement ?? new Uint8Array();
    expect(failsOf(await verify({ ...evidence, agreement: other }, ports))).toEqual([
      'agreement E_AGREEMENT_DIGEST',
    ]);
  });
});
