import {
  FAKE_START,
  fakeName,
  fakeNetwork,
  fakeState,
  fakeTransaction,
} from '../src/consensus/testing/fake-network.ts';
import type { CheckTransaction } from '../src/consensus/ledger.ts';
import { fakeSignature, isFakeSignature } from './fake-signature.ts';
import { fakeChange } from './fake-change.ts';
import type { Surroundings } from './surroundings.ts';

/** D0 of simulated authorities, in milliseconds. */
export const DELTA = 100;

const SIGNATURES = { sign: fakeSignature, verify: isFakeSignature };

/** A network of `count` authorities, and any number that may join, whose signatures cost next to nothing. */
export function fakeSurroundings(count: number): Surroundings {
  const verdicts = new WeakMap<Uint8Array, Map<number, ReturnType<CheckTransaction>>>();
  const checkOnce =
    (check: CheckTransaction): CheckTransaction =>
    (bytes, era) => {
      const ofBytes = verdicts.get(bytes) ?? new Map<number, ReturnType<CheckTransaction>>();
      verdicts.set(bytes, ofBytes);
      const verdict = ofBytes.get(era.epoch) ?? check(bytes, era);
      ofBytes.set(era.epoch, verdict);
      return verdict;
    };
  return {
    start: FAKE_START,
    nameOf: fakeName,
    authority(index) {
      const network = fakeNetwork(fakeName(index), count, DELTA, SIGNATURES);
      const checkTransaction = checkOnce(network.checkTransaction);
      return { network: { ...network, checkTransaction }, genesis: fakeState(network) };
    },
    transaction: (purl, nonce) => fakeTransaction(purl, { nonce }),
    change(context, joining, leaving) {
      const start = context.closings.at(-1)?.head ?? fakeState(context).final.ledger;
      return fakeChange(context, start, { joining: joining.map(fakeName), leaving: leaving.map(fakeName) });
    },
  };
}
