import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64 } from '../encoding/base64.ts';
import { utf8 } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import { formatCheckpointBody, parseCheckpointBody } from './checkpoint.ts';
import { emptyRoot, leafHash } from './merkle.ts';

const root = leafHash(utf8('hello world'));
const base64 = toBase64(root);

describe('the text of a checkpoint', () => {
  it('is that of the Go checksum database for its known tree', () => {
    const body = 'go.sum database tree\n123456789012\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n';
    const tree = { origin: 'go.sum database tree', size: 123_456_789_012, root, extensions: [] };
    expect(formatCheckpointBody(tree)).toBe(body);
    expect(unwrap(parseCheckpointBody(body))).toEqual(tree);
  });

  it('is that of the C2SP example', () => {
    const body = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    const checkpoint = unwrap(parseCheckpointBody(body));
    expect(checkpoint).toMatchObject({
      origin: 'example.com/behind-the-sofa',
      size: 20_852_163,
      extensions: [],
    });
    expect(formatCheckpointBody(checkpoint)).toBe(body);
  });

  it('is read back whatever it says', () => {
    const line = fc.string({ unit: fc.constantFrom(...'a.b/1 é—𝄞+'), minLength: 1, maxLength: 30 });
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(
        line,
        fc.maxSafeNat(),
        hash,
        fc.array(line, { maxLength: 16 }),
        (origin, n, h, extensions) => {
          const checkpoint = {
            origin,
            size: n + 1 > Number.MAX_SAFE_INTEGER ? n : n + 1,
            root: h,
            extensions,
          };
          expect(unwrap(parseCheckpointBody(formatCheckpointBody(checkpoint)))).toEqual(checkpoint);
        },
      ),
    );
  });

  it('says of an empty log that its root is the hash of nothing', () => {
    expect(parseCheckpointBody(`o\n0\n${toBase64(emptyRoot)}\n`).ok).toBe(true);
    expect(parseCheckpointBody(`o\n0\n${base64}\n`).ok).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['no origin', `\n1\n${base64}\n`],
    ['an origin of 256 bytes', `${'ö'.repeat(128)}\n1\n${base64}\n`],
    ['two lines', 'o\n1\n'],
    ['no newline at the end', `o\n1\n${base64}`],
    ['a leading zero', `o\n01\n${base64}\n`],
    ['a sign', `o\n+1\n${base64}\n`],
    ['a space', `o\n1 \n${base64}\n`],
    ['a size beyond exact numbers', `o\n9007199254740992\n${base64}\n`],
    ['a size with an exponent', `o\n1e3\n${base64}\n`],
    ['other digits', `o\n١\n${base64}\n`],
    ['a short root', `o\n1\n${toBase64(root.subarray(1))}\n`],
    ['a root with spare bits', `o\n1\n${base64.replace(/0=$/, '1=')}\n`],
    ['an empty extension line', `o\n1\n${base64}\nx\n\n`],
    ['too many extension lines', `o\n1\n${base64}\n${'x\n'.repeat(17)}`],
  ])('is refused with %s', (_, body) => {
    expect(parseCheckpointBody(body)).toMatchObject({ ok: false, error: { code: 'E_CHECKPOINT' } });
  });

  it.each([
    { origin: 'o\np', size: 1, root, extensions: [] },
    { origin: 'o', size: 1, root, extensions: ['x\ny'] },
    { origin: 'o', size: -1, root, extensions: [] },
    { origin: 'o', size: 2 ** 53, root, extensions: [] },
    { origin: 'o', size: 1, root: root.subarray(1), extensions: [] },
    { origin: 'o', size: 1, root, extensions: [''] },
  ])('is not written when it could not be read back (case %#)', (checkpoint) => {
    expect(() => formatCheckpointBody(checkpoint)).toThrow(expect.objectContaining({ code: 'E_CHECKPOINT' }));
  });

  it('is refused, not thrown at, when random', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aA0+/= \n—\ud800'), maxLength: 200 }), (text) => {
        expect(parseCheckpointBody(text).ok).toBe(false);
      }),
    );
  });
});
