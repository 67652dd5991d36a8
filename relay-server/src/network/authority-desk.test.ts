import { describe, expect, it } from 'vitest';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { RequestProgress } from '@assay/core/net/request-progress.ts';
import { encodeSignedRequest } from '@assay/core/net/signed-request.ts';
import type { RequestClient } from '@assay/core/net/sources.ts';
import { AuthorityDesk } from './authority-desk.ts';

const request = encodeSignedRequest({
  v: 1,
  networkId: new Uint8Array(32),
  purl: 'pkg:npm/clsx',
  at: 1,
  requester: new Uint8Array(32),
  signature: new Uint8Array(64),
});
const HOME = '127.0.0.1';

const progress = (state: RequestProgress['state']): RequestProgress => ({
  id: 'ab12',
  purl: 'pkg:npm/clsx@2.1.1',
  state,
  authorities: [],
  needed: 3,
  agreed: 0,
});

type Step =
  | RequestProgress['state']
  | 'E_STREAM_CLOSED'
  | 'E_UNREACHABLE'
  | 'E_REQUEST_UNKNOWN'
  | 'E_REQUEST_SIGNATURE';

/** An authority whose `submit` and `follow` do as told; each following begins where the list does. */
function authority(name: string, reachable: boolean, ...steps: readonly Step[]) {
  const asked: string[] = [];
  const take = (step: Step | undefined): RequestProgress => {
    if (step === undefined) throw new AssayError('E_STREAM_CLOSED');
    if (step === 'E_UNREACHABLE' || step === 'E_STREAM_CLOSED' || step === 'E_REQUEST_SIGNATURE')
      throw new AssayError(step);
    if (step === 'E_REQUEST_UNKNOWN') throw new AssayError(step, { id: 'ab12' });
    return progress(step);
  };
  const requests: RequestClient = {
    id: name,
    async submit() {
      asked.push('submit');
      return await Promise.resolve().then(() => take(steps[0]));
    },
    async *follow() {
      asked.push('follow');
      for (const step of steps) yield await Promise.resolve().then(() => take(step));
    },
  };
  return { name, reachable, requests, asked };
}

const deskOf = (...links: ReturnType<typeof authority>[]): AuthorityDesk => new AuthorityDesk(links, () => 0);

async function follow(desk: AuthorityDesk): Promise<string[]> {
  const states: string[] = [];
  try {
    for await (const { state } of desk.follow('ab12')) states.push(state);
  } catch (error) {
    states.push(error instanceof AssayError ? error.code : String(error));
  }
  return states;
}

describe('handing in', () => {
  it('asks those that can be reached first, and others when they fail after all', async () => {
    const away = authority('away', false, 'queued');
    const failing = authority('failing', true, 'E_STREAM_CLOSED');
    const there = authority('there', true, 'E_UNREACHABLE');
    expect(await deskOf(away, failing, there).submit(request, HOME)).toEqual(progress('queued'));
    expect([failing.asked, there.asked, away.asked]).toEqual([['submit'], ['submit'], ['submit']]);
  });

  it('does not ask a second authority after a refusal', async () => {
    const first = authority('first', true, 'E_REQUEST_SIGNATURE');
    const second = authority('second', true, 'queued');
    await expect(deskOf(first, second).submit(request, HOME)).rejects.toMatchObject({
      code: 'E_REQUEST_SIGNATURE',
    });
    expect(second.asked).toEqual([]);
  });

  it('takes turns', async () => {
    const links = ['a', 'b', 'c'].map((name) => authority(name, true, 'queued'));
    const desk = deskOf(...links);
    for (let i = 0; i < 6; i++) await desk.submit(request, HOME);
    expect(links.map(({ asked }) => asked.length)).toEqual([2, 2, 2]);
  });

  it('limits each asker, and all of them together, but nobody on the machine itself', async () => {
    const desk = deskOf(authority('a', true, 'queued'));
    const attempts = async (asker: string, count: number): Promise<number> => {
      let taken = 0;
      for (let i = 0; i < count; i++)
        await desk.submit(request, asker).then(
          () => taken++,
          () => undefined,
        );
      return taken;
    };
    expect(await attempts('10.0.0.1', 100)).toBe(60);
    await expect(desk.submit(request, '10.0.0.1')).rejects.toMatchObject({ code: 'E_HTTP_RATE' });
    let taken = 60;
    for (let i = 2; i < 20; i++) taken += await attempts(`10.0.0.${i}`, 60);
    expect(taken).toBe(600);
    expect(await attempts(HOME, 700)).toBe(700);
  });

  it('refuses garbage before anybody is troubled', async () => {
    const link = authority('a', true, 'queued');
    await expect(deskOf(link).submit(Uint8Array.of(1, 2, 3), HOME)).rejects.toBeInstanceOf(AssayError);
    expect(link.asked).toEqual([]);
  });
});

describe('following', () => {
  it('goes on elsewhere when the authority that took the request is lost', async () => {
    const taker = authority('taker', true, 'queued', 'E_STREAM_CLOSED');
    const other = authority('other', true, 'agreeing', 'in-log');
    const desk = deskOf(taker, other);
    await desk.submit(request, HOME);
    expect(await follow(desk)).toEqual(['queued', 'agreeing', 'in-log']);
  });

  it('asks all about a request it does not know', async () => {
    expect(
      await follow(deskOf(authority('a', true, 'E_REQUEST_UNKNOWN'), authority('b', true, 'in-log'))),
    ).toEqual(['in-log']);
    expect(
      await follow(
        deskOf(authority('a', true, 'E_REQUEST_UNKNOWN'), authority('b', true, 'E_REQUEST_UNKNOWN')),
      ),
    ).toEqual(['E_REQUEST_UNKNOWN']);
  });

  it('does not say "unknown" while somebody who might know is away', async () => {
    expect(
      await follow(deskOf(authority('a', true, 'E_REQUEST_UNKNOWN'), authority('b', false, 'E_UNREACHABLE'))),
    ).toEqual(['E_NO_AUTHORITY']);
  });

  it('gives up when nobody tells anything new', async () => {
    expect(await follow(deskOf(authority('a', true, 'E_STREAM_CLOSED')))).toEqual(['E_NO_AUTHORITY']);
  });
});

it('lets go of an authority as soon as the asker goes away, and asks no other', async () => {
  const gone = new AbortController();
  const other = authority('other', true, 'queued');
  const waiting: RequestClient = {
    ...authority('waiting', true).requests,
    async *follow(_id, signal) {
      yield progress('queued');
      await new Promise((_resolve, reject) =>
        signal?.addEventListener('abort', () => reject(new AssayError('E_STREAM_CLOSED'))),
      );
    },
  };
  const desk = deskOf({ ...authority('waiting', true), requests: waiting }, other);
  const following = desk.follow('ab12', gone.signal);
  expect((await following.next()).value).toEqual(progress('queued'));
  const next = following.next();
  gone.abort(new AssayError('E_STREAM_CLOSED'));
  await expect(next).rejects.toMatchObject({ code: 'E_STREAM_CLOSED' });
  expect(other.asked).toEqual([]);
});
