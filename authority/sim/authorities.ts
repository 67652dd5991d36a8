import {
  FAKE_START,
  fakeContext,
  fakeState,
  fakeTransaction,
} from '../src/consensus/testing/fake-network.ts';
import type { TreeHead } from '../src/consensus/cosignature.ts';
import type { Context } from '../src/consensus/era.ts';
import type { State } from '../src/consensus/state.ts';
import { fakeSignature, isFakeSignature } from './fake-signature.ts';

/** When every run begins, in unix milliseconds. */
export const START = FAKE_START;

/** D0 of simulated authorities, in milliseconds. */
export const DELTA = 100;

/** The context and the first state of one of `count` authorities whose signatures cost next to nothing. */
export function fakeAuthority(me: number, count: number): { context: Context; genesis: State } {
  const context = fakeContext(me, count, DELTA, SIGNATURES);
  return { context, genesis: fakeState(context) };
}

const SIGNATURES = { sign: fakeSignature, verify: isFakeSignature };

/** A transaction that simulated authorities take for valid. */
export function transactionFor(purl: string, nonce: number): Uint8Array {
  return fakeTransaction(purl, { nonce });
}

/** The log of a simulated network at its beginning. */
export function genesisHead(context: Context): TreeHead {
  head ??= fakeState(context).final.ledger;
  return head;
}

let head: TreeHead | undefined;
