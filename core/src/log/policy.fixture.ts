import { publicKeyFromSeed, signEd25519, verifyEd25519, type VerifyEd25519Async } from '../crypto/ed25519.ts';
import { utf8 } from '../encoding/bytes.ts';
import { formatCheckpointBody } from './checkpoint.ts';
import { cosignatureMessage, encodeCosignature } from './cosignature.ts';
import { leafHash } from './merkle.ts';
import { COSIGNATURE_TYPE, ED25519_TYPE, formatNote, keyId, type NoteSignature } from './note.ts';
import type { LogPolicy } from './policy.ts';
import { quorum } from './quorum.ts';

export const origin = 'log.example/main';
export const body = formatCheckpointBody({
  origin,
  size: 5,
  root: leafHash(utf8('root')),
  extensions: [],
});

export const verify: VerifyEd25519Async = (...args) => Promise.resolve(verifyEd25519(...args));

/** The seed of authority `i`; its log key has seed `100 + i`. */
export const seed = (i: number): Uint8Array => new Uint8Array(32).fill(i + 1);

/** The policy of `count` authorities, at the quorum of the project unless another is given. */
export function policyOfAuthorities(count: number, needed = quorum(count)): LogPolicy {
  const authorities = Array.from({ length: count }, (_, i) => i);
  return {
    origin,
    logKeys: authorities.map((i) => ({ name: origin, publicKey: publicKeyFromSeed(seed(100 + i)) })),
    cosigners: authorities.map((i) => ({ name: `${origin}/${i}`, publicKey: publicKeyFromSeed(seed(i)) })),
    quorum: needed,
  };
}

export function logLine(i: number, text = body): NoteSignature {
  const id = keyId(origin, ED25519_TYPE, publicKeyFromSeed(seed(100 + i)));
  return { name: origin, keyId: id, signature: signEd25519(utf8(text), seed(100 + i)) };
}

export function cosignatureLine(i: number, time: number, text = body): NoteSignature {
  const name = `${origin}/${i}`;
  const signature = signEd25519(cosignatureMessage(text, time), seed(i));
  return {
    name,
    keyId: keyId(name, COSIGNATURE_TYPE, publicKeyFromSeed(seed(i))),
    signature: encodeCosignature(time, signature),
  };
}

/** A checkpoint note with the log line of authority 0 and cosignatures of the authorities at the given times. */
export function signedBy(times: Readonly<Record<number, number>>, ...more: NoteSignature[]): Uint8Array {
  const lines = Object.entries(times).map(([i, time]) => cosignatureLine(Number(i), time));
  return formatNote(body, [logLine(0), ...lines, ...more]);
}
