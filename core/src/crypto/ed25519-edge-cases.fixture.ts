import { utf8 } from '../encoding/bytes.ts';
import { fromHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';

/** One case of the ed25519 vectors of C2SP/CCTV. */
export interface EdgeCase {
  readonly number: number;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly flags: readonly string[];
}

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
