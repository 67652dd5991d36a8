import {
  FAKE_START,
  fakeName,
  fakeNetwork,
  fakeState,
  fakeTransaction,
} from '../src/consensus/testing/fake-network.ts';
import { fakeSignature, isFakeSignature } from './fake-signature.ts';
import { fakeChange } from './fake-change.ts';
import type { Surroundings } from './surroundings.ts';

/** D0 of simulated authorities, in milliseconds. */
export const DELTA = 100;

const SIGNATURES = { sign: fakeSignature, verify: isFakeSignature };

/** A network of `count` authorities, and any number that may join, whose signatures cost next to nothing. */
export function fakeSurroundings(count: number): Surroundings {
  return {
    start: FAKE_START,
    nameOf: fakeName,
    authority(index) {
      const network = fakeNetwork(fakeName(index), count, DELTA, SIGNATURES);
      return { network, genesis: fakeState(network) };
    },
    transaction: (purl, nonce) => fakeTransaction(purl, { nonce }),
    change(context, joining, leaving) {
      const start = context.closings.at(-1)?.head ?? fakeState(context).final.ledger;
      return fakeChange(context, start, { joining: joining.map(fakeName), leaving: leaving.map(fakeName) });
    },
  };
}
