import { sha256 } from '../crypto/sha256.ts';
import { fromBase64, toBase64 } from '../encoding/base64.ts';
import { concatBytes, equalBytes, fromUtf8, utf8 } from '../encoding/bytes.ts';
import { fromHex, toHex } from '../encoding/hex.ts';
import { AssayError } from '../errors/assay-error.ts';
import { fail, ok, type Result } from '../errors/result.ts';

/** Signature type of a plain Ed25519 signature over the note text (C2SP signed-note). */
export const ED25519_TYPE = 0x01;

/** Signature type of a timestamped Ed25519 cosignature (C2SP tlog-cosignature). */
export const COSIGNATURE_TYPE = 0x04;

/** The most signature lines a note may have. Go's note parser has the same limit, so no published note has more. */
export const MAX_NOTE_SIGNATURES = 100;

/** Longest key name in UTF-8. The newer cosignature types carry names with a length byte, so longer ones cannot last. */
export const MAX_KEY_NAME_BYTES = 255;

/** Largest note that is read: MAX_NOTE_SIGNATURES lines with the longest names (about 37 kB), and as much again. */
export const MAX_NOTE_BYTES = 65_536;

/** Length of the key ID in front of each signature. */
export const KEY_ID_BYTES = 4;

/** One signature line of a note. */
export interface NoteSignature {
  readonly name: string;
  /** 4 bytes; with the name it tells which key and which signature type is meant. */
  readonly keyId: Uint8Array;
  /** What follows the key ID; its form depends on the signature type. At least one byte. */
  readonly signature: Uint8Array;
}

/** A text with the signatures under it. */
export interface Note {
  /** Ends with a newline; this is what is signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A public key as notes name it. */
export interface VerifierKey {
  readonly name: string;
  readonly type: number;
  readonly publicKey: Uint8Array;
}

const LINE_START = '— ';

/** Reads a signed note (C2SP signed-note); checks no signature. Fails with E_NOTE. */
export function parseNote(bytes: Uint8Array): Result<Note> {
  if (bytes.length > MAX_NOTE_BYTES) return refused(`longer than ${MAX_NOTE_BYTES} bytes`);
  if (!bytes.every((byte) => byte >= 0x20 || byte === 0x0a)) return refused('control characters');
  const whole = fromUtf8(bytes);
  if (!whole.ok) return refused('not UTF-8');
  const split = whole.value.lastIndexOf('\n\n');
  if (split === -1) return refused('no blank line before the signatures');
  const lines = whole.value.slice(split + 2).split('\n');
  if (lines.pop() !== '') return refused('no newline at the end');
  if (lines.length > MAX_NOTE_SIGNATURES) return refused(`more than ${MAX_NOTE_SIGNATURES} signatures`);
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (signature === undefined) return refused('a malformed signature line');
    signatures.push(signature);
  }
  return signatures.length === 0
    ? refused('no signatures')
    : ok({ text: whole.value.slice(0, split + 1), signatures });
}

/** Writes a signed note. Throws E_NOTE when `parseNote` would refuse the outcome. */
export function formatNote(text: string, signatures: readonly NoteSignature[]): Uint8Array {
  const lines = signatures.map(
    ({ name, keyId, signature }) => `${LINE_START}${name} ${toBase64(concatBytes(keyId, signature))}\n`,
  );
  const bytes = utf8(`${text}\n${lines.join('')}`);
  const written = parseNote(bytes);
  if (!written.ok) throw written.error;
  if (written.value.text !== text)
    throw new AssayError('E_NOTE', { reason: 'the text does not end with a newline' });
  return bytes;
}

/** The 4-byte ID of a key: SHA-256(name ‖ 0x0A ‖ type ‖ public key), cut. */
export function keyId(name: string, type: number, publicKey: Uint8Array): Uint8Array {
  return sha256(utf8(`${name}\n`), Uint8Array.of(type), publicKey).subarray(0, KEY_ID_BYTES);
}

/** Whether `name` may name a key: not empty, no Unicode white space, no plus, no control characters, not too long. */
export function isKeyName(name: string): boolean {
  return /^[^\p{White_Space}\p{Cc}+]+$/u.test(name) && utf8(name).length <= MAX_KEY_NAME_BYTES;
}

/** Writes a key as `name+hex8(key ID)+base64(type ‖ public key)`. */
export function encodeVkey({ name, type, publicKey }: VerifierKey): string {
  return `${name}+${toHex(keyId(name, type, publicKey))}+${toBase64(concatBytes(Uint8Array.of(type), publicKey))}`;
}

/** Reads what `encodeVkey` writes and checks the key ID in it. Fails with E_VERIFIER_KEY. */
export function decodeVkey(text: string): Result<VerifierKey> {
  const [, name = '', id = '', key = ''] =
    /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{4,256})$/.exec(text) ?? [];
  const bytes = fromBase64(key);
  const claimedId = fromHex(id);
  if (!bytes.ok || !claimedId.ok || !isKeyName(name)) return fail('E_VERIFIER_KEY');
  const [type] = bytes.value;
  const publicKey = bytes.value.subarray(1);
  if (type === undefined || publicKey.length === 0) return fail('E_VERIFIER_KEY');
  if (!equalBytes(keyId(name, type, publicKey), claimedId.value)) return fail('E_VERIFIER_KEY');
  return ok({ name, type, publicKey });
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  if (!line.startsWith(LINE_START)) return undefined;
  const [name, base64, ...rest] = line.slice(LINE_START.length).split(' ');
  if (name === undefined || base64 === undefined || rest.length > 0 || !isKeyName(name)) return undefined;
  const bytes = fromBase64(base64);
  if (!bytes.ok || bytes.value.length <= KEY_ID_BYTES) return undefined;
  return {
    name,
    keyId: bytes.value.subarray(0, KEY_ID_BYTES),
    signature: bytes.value.subarray(KEY_ID_BYTES),
  };
}

function refused(reason: string): Result<never> {
  return fail('E_NOTE', { reason });
}
