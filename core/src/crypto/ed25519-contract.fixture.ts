import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../encoding/bytes.ts';
import { fromHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { mutatedBytes } from '../testing/mutated-bytes.fixture.ts';
import { ACCEPTED_CASES, readEdgeCases } from './ed25519-edge-cases.fixture.ts';
import { rfc8032 } from './ed25519-rfc8032.fixture.ts';
import { smallOrderEncodings } from './ed25519-small-order.fixture.ts';
import { publicKeyFromSeed, signEd25519, type VerifyEd25519Async } from './ed25519.ts';

const hex = (text: string) => unwrap(fromHex(text));
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const anySigned = fc.tuple(bytes(32), fc.uint8Array({ maxLength: 80 })).map(([seed, message]) => ({
  publicKey: publicKeyFromSeed(seed),
  message,
  signature: signEd25519(message, seed),
}));

/**
 * What every ed25519 verifier of the project has to do, whatever computes it: the tests of one path.
 * `edgeCases` is the text of `ed25519vectors.json`, undefined where it is not there.
 */
export function ed25519Contract(
  path: string,
  makeVerifier: () => Promise<VerifyEd25519Async>,
  edgeCases: () => Promise<string | undefined>,
): void {
  describe(`ed25519 on ${path}`, async () => {
    const verify = await makeVerifier();
    const json = await edgeCases();

    it.skipIf(json === undefined)(
      'accepts exactly 43 of the 914 edge cases (skipped without the vectors)',
      async () => {
        const cases = readEdgeCases(json ?? '[]');
        expect(cases).toHaveLength(914);
        const accepted: number[] = [];
        for (const { number, publicKey, message, signature } of cases) {
          if (await verify(publicKey, message, signature)) accepted.push(number);
        }
        expect(accepted).toEqual(ACCEPTED_CASES);
      },
    );

    it.each(rfc8032)('accepts RFC 8032 $name', async ({ publicKey, message, signature }) => {
      expect(await verify(hex(publicKey), hex(message), hex(signature))).toBe(true);
    });

    it('accepts what was signed', async () => {
      await fc.assert(
        fc.asyncProperty(anySigned, async ({ publicKey, message, signature }) => {
          expect(await verify(publicKey, message, signature)).toBe(true);
        }),
        { numRuns: 20 },
      );
    });

    it('refuses every change to key, message or signature', async () => {
      const changed = anySigned.chain((signed) => {
        const { publicKey, message, signature } = signed;
        return fc.record({
          signed: fc.constant(signed),
          edited: fc.oneof(
            mutatedBytes(fc.constant(publicKey)).map((key) => ({ ...signed, publicKey: key })),
            mutatedBytes(fc.constant(message)).map((text) => ({ ...signed, message: text })),
            mutatedBytes(fc.constant(signature)).map((other) => ({ ...signed, signature: other })),
          ),
        });
      });
      await fc.assert(
        fc.asyncProperty(changed, async ({ signed, edited }) => {
          const same = Object.entries(signed).every(
            ([part, value]) => String(value) === String(edited[part as keyof typeof edited]),
          );
          expect(await verify(edited.publicKey, edited.message, edited.signature)).toBe(same);
        }),
        { numRuns: 60 },
      );
    });

    it('refuses random bytes without throwing', async () => {
      const anything = fc.oneof(bytes(32), bytes(64), fc.uint8Array({ maxLength: 70 }));
      await fc.assert(
        fc.asyncProperty(anything, anything, anything, async (publicKey, message, signature) => {
          expect(await verify(publicKey, message, signature)).toBe(false);
        }),
      );
    });

    it.each(smallOrderEncodings)('refuses the small-order encoding %s as A and as R', async (encoded) => {
      const point = hex(encoded);
      const zero = new Uint8Array(32);
      // With S = 0 the equation holds for R = A = identity, and for many small-order pairs and messages.
      for (let text = 0; text < 8; text++) {
        expect(await verify(point, Uint8Array.of(text), concatBytes(point, zero))).toBe(false);
        const { publicKey, signature } = signedBy(text);
        expect(await verify(point, Uint8Array.of(text), signature)).toBe(false);
        expect(await verify(publicKey, Uint8Array.of(text), concatBytes(point, zero))).toBe(false);
      }
    });
  });
}

function signedBy(text: number): { publicKey: Uint8Array; signature: Uint8Array } {
  const seed = new Uint8Array(32).fill(text);
  return { publicKey: publicKeyFromSeed(seed), signature: signEd25519(Uint8Array.of(text), seed) };
}
