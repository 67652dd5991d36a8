import { beforeAll, describe, expect, it } from 'vitest';
import { unwrap, type Result } from '../errors/result.ts';
import { verifyEd25519 } from '../crypto/ed25519.ts';
import { TestLog } from '../node/test-log.fixture.ts';
import type { NetworkTrust } from '../records/types.ts';
import { checkTrust } from './check-trust.ts';

/** A verifier that counts what it is asked. */
function counting() {
  let count = 0;
  return {
    get count() {
      return count;
    },
    verify: (...signed: Parameters<typeof verifyEd25519>) => {
      count++;
      return Promise.resolve(verifyEd25519(...signed));
    },
  };
}

function codeOf(result: Result<unknown>): string | undefined {
  return result.ok ? undefined : result.error.code;
}

const zero = new Uint8Array(32);
let trust: NetworkTrust;

beforeAll(async () => {
  const log = await TestLog.create();
  await log.changeAuthorities({ add: ['etna'] });
  await log.changeAuthorities({ remove: ['ayla'] });
  trust = log.trust;
});

describe('the trust in a network', () => {
  it('is derived anew from genesis and hand-offs', async () => {
    const { verify } = counting();
    expect(unwrap(await checkTrust(trust, verify))).toEqual(trust);
  });

  it('is checked once for the same bytes, every cosignature of it', async () => {
    const verifier = counting();
    await checkTrust(trust, verifier.verify);
    expect(verifier.count).toBe(3 + 4);
    unwrap(await checkTrust({ ...trust }, verifier.verify));
    expect(verifier.count).toBe(3 + 4);
    await checkTrust({ ...trust, links: trust.links.slice(0, 1) }, verifier.verify);
    expect(verifier.count).toBe(3 + 4 + 3);
  });

  it('is not remembered on behalf of another verifier', async () => {
    unwrap(await checkTrust(trust, () => Promise.resolve(true)));
    expect(codeOf(await checkTrust(trust, () => Promise.resolve(false)))).toBe('E_SIGNATURE');
  });

  it('is refused when it claims anything that does not follow from its hand-offs', async () => {
    const { verify } = counting();
    const other = { ...trust.current, setHash: zero };
    const [first, second, third] = trust.sets;
    for (const claimed of [
      { ...trust, networkId: zero },
      { ...trust, current: other },
      { ...trust, current: first },
      { ...trust, sets: [first, other, third] as NetworkTrust['sets'] },
      { ...trust, sets: [first, { ...second, since: 3 }, third] as NetworkTrust['sets'] },
      { ...trust, sets: [first] as NetworkTrust['sets'] },
      { ...trust, links: trust.links.slice(0, 1) },
      { ...trust, links: [] },
    ]) {
      expect(codeOf(await checkTrust(claimed, verify))).toBe('E_TRUST');
    }
  });

  it('is refused when a hand-off is left out', async () => {
    const { verify } = counting();
    expect(codeOf(await checkTrust({ ...trust, links: trust.links.slice(1) }, verify))).toBe('E_HANDOFF');
  });

  it('rejects with the verifier, and asks again next time', async () => {
    let broken = true;
    const verify = (...signed: Parameters<typeof verifyEd25519>) =>
      broken ? Promise.reject(new Error('the worker is gone')) : Promise.resolve(verifyEd25519(...signed));
    await expect(checkTrust(trust, verify)).rejects.toThrow('the worker is gone');
    broken = false;
    unwrap(await checkTrust(trust, verify));
  });
});
