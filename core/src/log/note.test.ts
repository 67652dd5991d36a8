import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyEd25519 } from '../crypto/ed25519.ts';
import { toBase64 } from '../encoding/base64.ts';
import { fromUtf8, utf8 } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import {
  decodeVkey,
  ED25519_TYPE,
  encodeVkey,
  formatNote,
  keyId,
  MAX_NOTE_BYTES,
  MAX_NOTE_SIGNATURES,
  parseNote,
} from './note.ts';

/** The example of the Go note package, signed by two keys. */
const text =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const neumannKey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const neumannLine =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const enochKey = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';
const enochLine =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';
const known = utf8(`${text}\n${neumannLine}${enochLine}`);

describe('a note signed by other software', () => {
  it('is read, and its signatures verify with the keys of its signers', () => {
    const note = unwrap(parseNote(known));
    expect(note.text).toBe(text);
    expect(note.signatures.map((line) => line.name)).toEqual(['PeterNeumann', 'EnochRoot']);
    for (const [i, vkey] of [neumannKey, enochKey].entries()) {
      const key = unwrap(decodeVkey(vkey));
      const line = note.signatures[i];
      expect(key.type).toBe(ED25519_TYPE);
      expect(line?.keyId).toEqual(keyId(key.name, key.type, key.publicKey));
      expect(verifyEd25519(key.publicKey, utf8(note.text), line?.signature ?? new Uint8Array())).toBe(true);
    }
  });

  it('comes out the same when written again', () => {
    const note = unwrap(parseNote(known));
    expect(formatNote(note.text, note.signatures)).toEqual(known);
    expect([neumannKey, enochKey].map((vkey) => encodeVkey(unwrap(decodeVkey(vkey))))).toEqual([
      neumannKey,
      enochKey,
    ]);
  });
});

describe('parseNote', () => {
  const line = '— a.example AAAAAAE=\n';

  it('splits at the last blank line', () => {
    expect(unwrap(parseNote(utf8(`one\n\ntwo\n\n${line}`))).text).toBe('one\n\ntwo\n');
  });

  it('accepts a hundred signature lines and not one more', () => {
    expect(parseNote(utf8(`t\n\n${line.repeat(MAX_NOTE_SIGNATURES)}`)).ok).toBe(true);
    expect(parseNote(utf8(`t\n\n${line.repeat(MAX_NOTE_SIGNATURES + 1)}`)).ok).toBe(false);
  });

  it('refuses a note that is too long before reading it', () => {
    const filler = 'x'.repeat(MAX_NOTE_BYTES - utf8(`\n\n${line}`).length);
    expect(parseNote(utf8(`${filler}\n\n${line}`)).ok).toBe(true);
    expect(parseNote(utf8(`${filler}x\n\n${line}`)).ok).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['text alone', 'text\n'],
    ['no signatures', 'text\n\n'],
    ['no newline at the end', `t\n\n${line.slice(0, -1)}`],
    ['a line without the em dash', `t\n\n- a.example AAAAAAE=\n`],
    ['a line without a name', `t\n\n—  AAAAAAE=\n`],
    ['a line without a signature', `t\n\n— a.example\n`],
    ['a third part', `t\n\n— a.example AAAAAAE= x\n`],
    ['a key ID and nothing behind it', `t\n\n— a.example AAAAAA==\n`],
    ['base64 with spare bits', `t\n\n— a.example AAAAAAF=\n`],
    ['base64 without padding', `t\n\n— a.example AAAAAAE\n`],
    ['a plus in the name', `t\n\n— a+b AAAAAAE=\n`],
    ['a no-break space in the name', `t\n\n— a\u00a0b AAAAAAE=\n`],
    ['a tab', `t\tt\n\n${line}`],
    ['a carriage return', `t\r\n\n${line}`],
    ['a blank line among the signatures', `t\n\n${line}\n${line}x`],
  ])('refuses %s', (_, note) => {
    expect(parseNote(utf8(note))).toMatchObject({ ok: false, error: { code: 'E_NOTE' } });
  });

  it('refuses bytes that are not UTF-8 and keeps a byte order mark as text', () => {
    expect(parseNote(Uint8Array.of(0xff, 10, 10, ...utf8(line))).ok).toBe(false);
    expect(unwrap(parseNote(utf8(`\ufefft\n\n${line}`))).text).toBe('\ufefft\n');
  });

  it('never throws, and what it accepts is written back byte for byte', () => {
    const mutated = fc
      .tuple(fc.nat(known.length - 1), fc.uint8Array({ maxLength: 3 }), fc.nat(3))
      .map(([at, insert, remove]) =>
        Uint8Array.of(...known.subarray(0, at), ...insert, ...known.subarray(at + remove)),
      );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
        const note = parseNote(bytes);
        if (note.ok) expect(formatNote(note.value.text, note.value.signatures)).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('formatNote', () => {
  const signature = { name: 'a.example', keyId: new Uint8Array(4), signature: Uint8Array.of(1) };

  it.each([
    ['a text without its newline', () => formatNote('text', [signature])],
    ['no signature', () => formatNote('text\n', [])],
    ['a name with a space', () => formatNote('text\n', [{ ...signature, name: 'a b' }])],
    ['a text that ends in a blank line', () => formatNote('text\n\n', [])],
  ])('throws on %s', (_, write) => {
    expect(write).toThrow(expect.objectContaining({ code: 'E_NOTE' }));
  });

  it('writes text whose blank lines stay text', () => {
    const bytes = formatNote('one\n\ntwo\n', [signature]);
    expect(unwrap(fromUtf8(bytes))).toBe('one\n\ntwo\n\n— a.example AAAAAAE=\n');
  });
});

describe('verifier keys', () => {
  it.each([
    ['nothing', ''],
    ['another key ID', neumannKey.replace('c74f20a3', 'c74f20a4')],
    ['an upper-case key ID', neumannKey.replace('c74f20a3', 'C74F20A3')],
    ['another name', neumannKey.replace('Peter', 'Paul')],
    ['a type alone', `x+00000000+${toBase64(Uint8Array.of(1))}`],
    ['base64 with spare bits', `${neumannKey.slice(0, -1)}X`],
    ['a name with a space', neumannKey.replace('PeterN', 'Peter N')],
  ])('are refused with %s', (_, vkey) => {
    expect(decodeVkey(vkey)).toMatchObject({ ok: false, error: { code: 'E_VERIFIER_KEY' } });
  });

  it('survive any name and key', () => {
    const name = fc.string({ unit: fc.constantFrom(...'a.b/1é—𝄞'), minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(name, fc.nat(255), fc.uint8Array({ minLength: 1, maxLength: 64 }), (n, type, publicKey) => {
        const key = { name: n, type, publicKey };
        expect(unwrap(decodeVkey(encodeVkey(key)))).toEqual(key);
      }),
    );
  });

  it('are refused, not thrown at, when random', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aA0+/= \n—\ud800') }), (random) => {
        expect(decodeVkey(random).ok).toBe(false);
      }),
    );
  });
});
