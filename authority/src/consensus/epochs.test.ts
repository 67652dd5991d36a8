import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { verifyEd25519 } from '@assay/core/crypto/ed25519.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { makeCandidate, makeChange } from '@assay/core/records/epochs.fixture.ts';
import { decodeHandoffLink } from '@assay/core/records/handoff.ts';
import { extendTrust } from '@assay/core/records/trust-chain.ts';
import { encodeTransaction } from '@assay/core/records/transaction.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { Consensus } from './consensus.ts';
import { readLog } from './testing/read-log.ts';
import { TestAuthorities, until } from './testing/test-authorities.ts';

let net: TestAuthorities;
afterEach(() => net.dispose());
vi.setConfig({ testTimeout: 120_000 });

/** A change takes many commits and votes; where others use the machine too, its while. */
const eventually = (isSo: () => boolean) => until(isSo, 40_000);
const purl = (version: number) => `pkg:npm/clsx@2.1.${version}`;
const verify = (...args: Parameters<typeof verifyEd25519>) => Promise.resolve(verifyEd25519(...args));
const names = (one: Consensus) => one.set.authorities.map(({ name }) => name);

/** Puts a change before consensus and waits until its hand-off is final with everyone who runs. */
async function change(what: { add?: readonly string[]; remove?: readonly string[] }): Promise<void> {
  const { network } = net;
  const context = net.at(0).epochContext;
  const add = (what.add ?? []).map((name) => makeCandidate(network, name, context.set.epoch));
  const transaction = makeChange(network, context, { ...what, add });
  expect(net.at(0).submit(encodeTransaction(transaction))).toMatchObject({ ok: true });
  await eventually(() => net.running.every((one) => one.trust.current.epoch === context.set.epoch + 1));
}

function submit(version: number): void {
  const { set } = net.at(0).epochContext;
  const agree = set.authorities.slice(0, set.policy.quorum).map(({ name }) => name);
  net.at(0).submit(net.transactionOf(purl(version), net.at(0).trust, agree));
}

const haveIt = (version: number) => net.running.every((one) => one.find(purl(version)) !== undefined);

describe('authorities whose set changes', () => {
  it('take one in, let one go, and leave a log and links that a stranger can follow', async () => {
    net = await TestAuthorities.make(4);
    await net.start(4);
    const heard: string[] = [];
    net.at(1).onEpoch((set, trust) => heard.push(`${set.epoch} ${trust.current.epoch}`));
    submit(0);
    await eventually(() => haveIt(0));
    await change({ add: [net.nameOf(4)] });
    expect(names(net.at(2))).toHaveLength(5);
    expect(net.at(4).status()).toMatchObject({ epoch: 2, me: 4 });
    submit(1);
    await eventually(() => haveIt(1));
    await change({ remove: [net.nameOf(1)] });
    expect(net.at(1).status()).toMatchObject({ epoch: 3 });
    expect(net.at(1).status().me).toBeUndefined();
    submit(2);
    await eventually(() => haveIt(2));
    expect(heard).toEqual(['2 1', '2 2', '3 2', '3 3']);
    expect(net.at(0).status().membership).toMatchObject([
      { epoch: 2, added: [net.nameOf(4)], removed: [] },
      { epoch: 3, added: [], removed: [net.nameOf(1)] },
    ]);
    await eventually(() => net.at(0).status().checkpoint?.size === net.at(0).status().finalized);
    let trust: NetworkTrust = net.network.trust;
    for (const epoch of [2, 3]) {
      const file = await readFile(join(net.dataDir(4), 'log', 'handoff', String(epoch)));
      trust = unwrap(await extendTrust(trust, unwrap(decodeHandoffLink(new Uint8Array(file))), verify));
    }
    expect(trust).toEqual(net.at(0).trust);
    const log = await readLog(join(net.dataDir(0), 'log'), trust);
    expect(log.purls).toEqual([0, 1, 2].map(purl));
    expect(log.checkpoint.cosigners).toHaveLength(3);
  });

  it('go on in the epoch they were in after all of them were ended, at any moment of a change', async () => {
    net = await TestAuthorities.make(4);
    await net.start(4);
    const { network } = net;
    const candidate = makeCandidate(network, net.nameOf(4));
    const transaction = makeChange(network, net.at(0).epochContext, { add: [candidate] });
    net.at(0).submit(encodeTransaction(transaction));
    await eventually(() => net.running.some((one) => one.set.epoch === 2));
    for (const node of [0, 1, 2, 3, 4]) await net.end(node);
    for (const node of [0, 1, 2, 3, 4]) await net.start(node);
    await eventually(() => net.running.every((one) => one.trust.current.epoch === 2));
    submit(0);
    await eventually(() => haveIt(0));
    expect(net.running.map((one) => one.status().halted)).toEqual([1, 2, 3, 4, 5].map(() => undefined));
  });

  it('bring up one that slept through several epochs', async () => {
    net = await TestAuthorities.make(4);
    await net.start(4);
    await net.end(3);
    await change({ add: [net.nameOf(4)] });
    submit(0);
    await eventually(() => haveIt(0));
    await change({ remove: [net.nameOf(1)] });
    submit(1);
    await eventually(() => haveIt(1));
    await net.start(3);
    await eventually(() => net.at(3).trust.current.epoch === 3 && haveIt(1));
    expect(net.at(3).status()).toMatchObject({ epoch: 3, me: 2 });
  });

  it('let one whose database was wiped vote again once the log has new keys of it, and not before', async () => {
    net = await TestAuthorities.make(4);
    submit(0);
    await eventually(() => haveIt(0));
    await net.end(2);
    for (const name of await readdir(net.dataDir(2))) {
      if (name !== 'consensus.began') await rm(join(net.dataDir(2), name), { recursive: true });
    }
    await net.start(2);
    await eventually(() => haveIt(0));
    expect(net.at(2).status().halted?.reason).toContain('is gone');
    await change({ add: [net.nameOf(2)] });
    await net.end(1);
    submit(1);
    await eventually(() => haveIt(1));
    expect(net.at(2).status()).toMatchObject({ epoch: 2, me: 2 });
    expect(net.at(2).status().halted).toBeUndefined();
  });
});
