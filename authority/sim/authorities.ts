import {
  FAKE_START,
  fakeContext,
  fakeState,
  fakeTransaction,
} from '../src/consensus/testing/fake-network.ts';
import { fakeSignature, isFakeSignature } from './fake-signature.ts';
import type { Surroundings } from './surroundings.ts';

/** D0 of simulated authorities, in milliseconds. */
export const DELTA = 100;

/** A network of `count` authorities whose signatures cost next to nothing. */
export function fakeSurroundings(count: number): Surroundings {
  return {
    start: FAKE_START,
    authority(me) {
      const context = fakeContext(me, count, DELTA, SIGNATURES);
      return { context, genesis: fakeState(context) };
    },
    transaction: (purl, nonce) => fakeTransaction(purl, { nonce }),
  };
}

const SIGNATURES = { sign: fakeSignature, verify: isFakeSignature };
