import { describe, expect, it } from 'vitest';
import { collect } from '../collect.fixture.ts';
import { utf8 } from '../encoding/bytes.ts';
import { readServerSentEvents } from './server-sent-events.ts';

async function* pieces(of: Iterable<string>): AsyncGenerator<Uint8Array> {
  for (const piece of of) yield await Promise.resolve(utf8(piece));
}
const read = (...of: readonly string[]): Promise<string[]> => collect(readServerSentEvents(pieces(of)));

function* endless(piece: string): Generator<string> {
  for (;;) yield piece;
}

describe('readServerSentEvents', () => {
  it('gives the data of each event, however it is cut', async () => {
    const stream =
      ': hello\n\nevent: x\r\ndata: one\r\ndata:two\r\n\r\nid: 1\n\ndata: three\n\ndata: unfinished';
    expect(await read(stream)).toEqual(['one\ntwo', 'three']);
    expect(await read(...stream)).toEqual(['one\ntwo', 'three']);
  });

  it.each(['x', 'data: x', 'data:\n', 'data: x\n'])('gives up a stream of nothing but %j', async (piece) => {
    const all = collect(readServerSentEvents(pieces(endless(piece))));
    await expect(all).rejects.toMatchObject({ code: 'E_RESPONSE_TOO_LARGE' });
  });

  it('takes a long event in small pieces in no more than linear time', async () => {
    const long = 'x'.repeat(60_000);
    const start = performance.now();
    expect(await read(...`data: ${long}\n\n`)).toEqual([long]);
    expect(performance.now() - start).toBeLessThan(3_000);
  });
});
