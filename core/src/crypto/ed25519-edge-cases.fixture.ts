import { utf8 } from '../encoding/bytes.ts';
import { fromHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';

/** One of the 914 ed25519 vectors of C2SP/CCTV. */
export interface EdgeCase {
  readonly number: number;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly flags: readonly string[];
}

/** The numbers of the 43 cases that the one rule accepts. */
export const ACCEPTED_CASES: readonly number[] = [
  7, 29, 50, 117, 139, 161, 182, 249, 305, 411, 425, 438, 465, 473, 481, 489, 497, 511, 525, 538, 565, 573,
  581, 589, 597, 611, 625, 638, 665, 673, 681, 689, 697, 711, 725, 738, 765, 773, 781, 789, 797, 832, 899,
];

/** Reads `ed25519vectors.json`. */
export function readEdgeCases(json: string): EdgeCase[] {
  const cases: { number: number; key: string; msg: string; sig: string; flags: string[] | null }[] =
    JSON.parse(json);
  return cases.map(({ number, key, msg, sig, flags }) => ({
    number,
    publicKey: unwrap(fromHex(key)),
    message: utf8(msg),
    signature: unwrap(fromHex(sig)),
    flags: flags ?? [],
  }));
}
