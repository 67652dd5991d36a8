import { describe, expect, it } from 'vitest';
import { addressGroup, ipBytes, isLoopback } from './ip-address.ts';

const hex = (text: string): string | undefined => {
  const bytes = ipBytes(text);
  return bytes && Buffer.from(bytes).toString('hex');
};

describe('ipBytes', () => {
  it.each([
    ['127.0.0.1', '7f000001'],
    ['255.1.2.3', 'ff010203'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
    ['2001:db8::8:800:200c:417a', '20010db80000000000080800200c417a'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['::ffff:10.1.2.3', '0a010203'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
  ])('reads %s', (text, expected) => expect(hex(text)).toBe(expected));

  it.each([[''], ['localhost'], ['1.2.3'], ['1.2.3.256'], [':::'], ['12345::']])('refuses "%s"', (text) =>
    expect(hex(text)).toBeUndefined(),
  );
});

describe('addressGroup', () => {
  it('takes one IPv6 network for one customer, and one IPv4 address', () => {
    expect(addressGroup('2001:db8:1:2:3:4:5:6')).toBe(addressGroup('2001:db8:1:2::9'));
    expect(addressGroup('2001:db8:1:2::9')).not.toBe(addressGroup('2001:db8:1:3::9'));
    expect(addressGroup('10.0.0.1')).not.toBe(addressGroup('10.0.0.2'));
    expect(addressGroup('::ffff:10.0.0.1')).toBe(addressGroup('10.0.0.1'));
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['10.0.0.1', false],
  ['::2', false],
  ['', false],
])('knows whether %s is loopback', (text, expected) => expect(isLoopback(text)).toBe(expected));
