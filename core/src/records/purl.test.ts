import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPurl, packageName, parsePackageInput, parsePurl } from './purl.ts';

const canonical = [
  ['pkg:npm/clsx@2.1.1', 'clsx', '2.1.1'],
  ['pkg:npm/clsx', 'clsx', undefined],
  ['pkg:npm/%40noble/hashes@2.4.0', '@noble/hashes', '2.4.0'],
  ['pkg:npm/JSONStream@1.3.5', 'JSONStream', '1.3.5'],
  ['pkg:npm/-@0.0.1', '-', '0.0.1'],
  ['pkg:npm/react@19.0.0-rc.1', 'react', '19.0.0-rc.1'],
  ['pkg:npm/a@1.0.0%2Bbuild.5', 'a', '1.0.0+build.5'],
  ['pkg:npm/hello%21@1.0.0', 'hello!', '1.0.0'],
] as const;

const notCanonical = [
  'pkg:npm/@noble/hashes@2.4.0',
  'pkg:npm/%40noble%2Fhashes@2.4.0',
  'pkg:npm/cl%73x@2.1.1',
  'pkg:npm/a@1.0.0+build.5',
  'pkg:npm/a%2Db@1.0.0',
];

const refused = [
  '',
  'clsx@2.1.1',
  'pkg:maven/g/a@1.0.0',
  'PKG:npm/clsx@2.1.1',
  'pkg:npm/',
  'pkg:npm/@1.0.0',
  'pkg:npm/clsx@',
  'pkg:npm/clsx@2',
  'pkg:npm/clsx@v2.1.1',
  'pkg:npm/clsx@02.1.1',
  'pkg:npm/clsx@2.1.1-01',
  'pkg:npm/clsx@9007199254740993.0.0',
  'pkg:npm/clsx@latest',
  'pkg:npm/clsx@2.1.1?x=y',
  'pkg:npm/clsx@2.1.1#lib',
  'pkg:npm/a/b@1.0.0',
  'pkg:npm/%40a/b/c@1.0.0',
  'pkg:npm/..@1.0.0',
  'pkg:npm/.hidden@1.0.0',
  'pkg:npm/_private@1.0.0',
  'pkg:npm/node_modules@1.0.0',
  'pkg:npm/%40../b@1.0.0',
  'pkg:npm/%40/b@1.0.0',
  'pkg:npm/a%00b@1.0.0',
  'pkg:npm/a%@1.0.0',
  'pkg:npm/ünder@1.0.0',
  `pkg:npm/${'a'.repeat(215)}@1.0.0`,
];

describe('package URLs', () => {
  it.each(canonical)('reads and writes %s', (text, name, version) => {
    const purl = parsePurl(text);
    expect(purl).toMatchObject({ ok: true });
    if (!purl.ok) return;
    expect(packageName(purl.value)).toBe(name);
    expect(purl.value.version).toBe(version);
    expect(formatPurl(purl.value)).toBe(text);
  });

  it.each(notCanonical)('refuses the other spelling %s, and people may still type it', (text) => {
    const purl = parsePurl(text);
    expect(purl.ok ? undefined : purl.error.code).toBe('E_PURL_NOT_CANONICAL');
    expect(parsePackageInput(text).ok).toBe(true);
  });

  it.each(refused)('refuses %j', (text) => {
    expect(parsePurl(text).ok).toBe(false);
  });

  it('accepts a name of 214 characters and none longer, scope included', () => {
    expect(parsePurl(`pkg:npm/${'a'.repeat(214)}@1.0.0`).ok).toBe(true);
    expect(parsePurl(`pkg:npm/%40${'s'.repeat(100)}/${'a'.repeat(112)}@1.0.0`).ok).toBe(true);
    expect(parsePurl(`pkg:npm/%40${'s'.repeat(100)}/${'a'.repeat(113)}@1.0.0`).ok).toBe(false);
  });

  it('never throws, and what it accepts is what it writes', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((rest) => `pkg:npm/${rest}`),
        ),
        (text) => {
          const purl = parsePurl(text);
          if (purl.ok) expect(formatPurl(purl.value)).toBe(text);
          parsePackageInput(text);
        },
      ),
    );
  });
});

describe('what people type', () => {
  it.each([
    ['lodash-es', 'pkg:npm/lodash-es'],
    [' lodash-es@4.17.21 ', 'pkg:npm/lodash-es@4.17.21'],
    ['@noble/hashes', 'pkg:npm/%40noble/hashes'],
    ['@noble/hashes@v2.0.1', 'pkg:npm/%40noble/hashes@2.0.1'],
    ['clsx@latest', 'pkg:npm/clsx'],
    ['clsx@', 'pkg:npm/clsx'],
    ['pkg:npm/clsx@2.1.1', 'pkg:npm/clsx@2.1.1'],
  ])('%j means %s', (text, expected) => {
    const purl = parsePackageInput(text);
    expect(purl.ok ? formatPurl(purl.value) : purl.error.code).toBe(expected);
  });

  it.each(['', '@', 'a b', '@scope', 'clsx@^2.0.0', '../../etc/passwd', 'pkg:oci/debian@1.0.0'])(
    'refuses %j',
    (text) => {
      expect(parsePackageInput(text).ok).toBe(false);
    },
  );

  it('asks for the whole version when only a part was typed', () => {
    const purl = parsePackageInput('@noble/hashes@2');
    expect(purl.ok ? undefined : purl.error.code).toBe('E_PACKAGE_VERSION');
  });
});
