import { afterEach, describe, expect, it } from 'vitest';
import { TestAuthorities, until } from './testing/test-authorities.ts';

let authorities: TestAuthorities | undefined;
afterEach(async () => {
  await authorities?.dispose();
  authorities = undefined;
});

const purl = (version: number) => `pkg:npm/clsx@2.1.${version}`;

describe('authorities with real keys, databases and files', () => {
  it('agree on a package and publish a checkpoint', async () => {
    const net = (authorities = await TestAuthorities.make(4));
    for (let i = 0; i < 10; i++) {
      const tx = net.transaction(purl(i));
      const start = performance.now();
      expect(net.at(0).submit(tx)).toMatchObject({ ok: true });
      await until(() => net.running.every((one) => one.find(purl(i)) !== undefined));
      const mid = performance.now();
      await until(() => net.running.every((one) => one.status().checkpoint?.size === 4 + 2 * i));
      console.log(mid - start, performance.now() - start);
    }
    console.log(net.at(0).status());
  });
});
