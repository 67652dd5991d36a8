import { ByteReader } from '../encoding/byte-reader.ts';
import { concatBytes, u64be, utf8 } from '../encoding/bytes.ts';
import { AssayError } from '../errors/assay-error.ts';
import { fail, ok, type Result } from '../errors/result.ts';

const SIGNATURE_BYTES = 64;

/** Length of a cosignature in a note line, behind the key ID: a 64-bit time and an Ed25519 signature. */
export const COSIGNATURE_BYTES = 8 + SIGNATURE_BYTES;

/** A timestamped Ed25519 signature of a checkpoint (C2SP tlog-cosignature, type 0x04). */
export interface Cosignature {
  /** When it was made, in seconds since 1970. */
  readonly time: number;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** The bytes a cosigner signs: two header lines and the whole text of the checkpoint. `time` is in seconds. */
export function cosignatureMessage(body: string, time: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${time}\n${body}`);
}

/** Writes a cosignature as it stands in a note line behind the key ID. */
export function encodeCosignature(time: number, signature: Uint8Array): Uint8Array {
  if (signature.length !== SIGNATURE_BYTES) {
    throw new AssayError('E_COSIGNATURE', { have: 8 + signature.length, need: COSIGNATURE_BYTES });
  }
  return concatBytes(u64be(time), signature);
}

/** Reads what `encodeCosignature` writes; times beyond safe integers are refused. Fails with E_COSIGNATURE. */
export function parseCosignature(bytes: Uint8Array): Result<Cosignature> {
  const time = new ByteReader(bytes).u64be();
  if (!time.ok || bytes.length !== COSIGNATURE_BYTES) {
    return fail('E_COSIGNATURE', { have: bytes.length, need: COSIGNATURE_BYTES });
  }
  return ok({ time: time.value, signature: bytes.subarray(8) });
}
