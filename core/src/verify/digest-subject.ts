import { toHex } from '../encoding/hex.ts';

const PREFIX = 'sha256:';

/**
 * What stands in the place of a purl where only the bytes of a file are known: `sha256:` and 64 hex digits. No record is that of such a
 * subject; all that can be shown of it is that no record holds these bytes.
 */
export function digestSubject(sha256: Uint8Array): string {
  return `${PREFIX}${toHex(sha256)}`;
}

/** Whether a text was made by `digestSubject`. */
export function isDigestSubject(text: string): boolean {
  return text.startsWith(PREFIX) && /^[0-9a-f]{64}$/.test(text.slice(PREFIX.length));
}
