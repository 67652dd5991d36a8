import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createClock } from '@assay/core/clock.ts';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { fromHex } from '@assay/core/encoding/hex.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { Candidate } from '@assay/core/records/candidate.ts';
import { epochContext } from '@assay/core/records/epoch-context.ts';
import { accept, makeBallot, makeCandidate } from '@assay/core/records/epochs.fixture.ts';
import { makeNetwork } from '@assay/core/records/network.fixture.ts';
import { Eras } from '../era.ts';
import { createLogger } from '../logger.ts';
import type { MeshChannel } from '../network/mesh.ts';
import { Channels } from '../testing/channels.fixture.ts';
import { MembershipBook } from './book.ts';
import { MembershipExchange } from './exchange.ts';
import { decodeNotice, encodeNotice, type Notice } from './notice.ts';
import { candidateId, planDigest } from './plan.ts';

const network = makeNetwork();
const context = unwrap(epochContext(network.trust));
const clock = createClock(globalThis);
const heading = { v: 1, epoch: 1, height: 7, candidates: [], acceptances: [] } as const;
const etna = makeCandidate(network, 'etna');
const idOf = (candidate: Candidate): Uint8Array => unwrap(fromHex(candidateId(candidate)));

let book: MembershipBook;
let exchange: MembershipExchange;
let delft: MeshChannel;
let told: Notice[];

/** Ayla's exchange, and the channel of delft, who may say anything. */
beforeEach(() => {
  const channels = new Channels();
  book = new MembershipBook(context, verifyEd25519Node);
  const heard: Notice[] = [];
  told = heard;
  delft = channels.member('delft');
  delft.onMessage((_, bytes) => void heard.push(unwrap(decodeNotice(bytes))));
  exchange = new MembershipExchange({
    eras: new Eras({ trust: network.trust, me: 0 }),
    book: () => book,
    channel: channels.member('ayla'),
    height: () => 7,
    clock,
    logger: createLogger(() => undefined, clock),
    onCandidates: () => undefined,
  });
  exchange.start();
});
afterEach(() => exchange.stop());

function change(candidate: Candidate): NonNullable<Notice['change']> {
  const digest = planDigest([{ kind: 'add', candidate }]);
  const subject = { networkId: network.trust.networkId, epoch: 1, digest };
  const ballots = [1, 2].map((authority) => makeBallot(network, context.set, subject, { authority }));
  return { parts: [{ kind: 'add', candidate: idOf(candidate) }], ballots };
}

it('counts what is good in a notice, whatever else stands in it', async () => {
  const junk = Array.from({ length: 20 }, (_, index) => makeCandidate(network, `junk-${index}`));
  const forged = { ...makeCandidate(network, 'fuji'), networkId: new Uint8Array(32) };
  const acceptance = { ...accept(network, etna, context), candidate: idOf(etna) };
  const bad = { ...acceptance, signature: new Uint8Array(64) };
  const { parts, ballots } = change(etna);
  const [first, second] = ballots;
  if (!first || !second) throw new Error('two members vote');
  delft.broadcast(
    encodeNotice({
      ...heading,
      candidates: [forged, ...junk, etna],
      acceptances: [bad, acceptance],
      change: { parts, ballots: [{ ...first, signature: new Uint8Array(64) }, second] },
    }),
  );
  await vi.waitFor(() => expect(book.candidate(candidateId(etna))?.acceptance).toBeDefined());
  expect(book.candidate(candidateId(forged))).toBeUndefined();
  expect(book.candidates.filter(({ by }) => by === 'delft')).toHaveLength(8);
  expect(book.pending.map(({ by, ballots: counted }) => [by, [...counted.keys()]])).toEqual([
    ['cassini', [2]],
  ]);
});

it('passes on the candidates of its operator and those of changes under way, not what others introduce', async () => {
  const [own, theirs] = ['fuji', 'gobi'].map((name) => makeCandidate(network, name));
  if (!own || !theirs) throw new Error('two candidates');
  book.addCandidate(own);
  delft.broadcast(encodeNotice({ ...heading, candidates: [theirs, etna], change: change(etna) }));
  await vi.waitFor(() => expect(book.candidates).toHaveLength(3));
  await vi.waitFor(() => expect(told.some((notice) => notice.change !== undefined)).toBe(true));
  const named = told.map(({ candidates }) => candidates.map(({ authority }) => authority.name));
  expect(new Set(named.flat())).toEqual(new Set(['fuji', 'etna']));
});
