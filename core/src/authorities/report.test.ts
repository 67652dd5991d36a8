import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { CborValue } from '../encoding/cbor.ts';
import { unwrap } from '../errors/result.ts';
import { readStatusReport } from './report.ts';

const told = {
  epoch: 1,
  view: 3,
  height: 2,
  size: 6,
  finalized: 6,
  leader: 0,
  busy: false,
  pending: 0,
  peers: [{ index: 1, name: 'borneo', lastVoteAt: 1_790_000_000_000, connected: true }],
};
const known = { index: 0, peerId: '12D3Koo', reachable: true, lastSeen: 1_790_000_000 };

describe('the authorities in a status document', () => {
  it('are read, those that answered with what they say of themselves', () => {
    const silent = { name: 'borneo', index: 1, peerId: '12D3Kop', reachable: false };
    const document = { relay: { size: 6 }, authorities: [{ name: 'ayla', ...known, ...told }, silent] };
    expect(unwrap(readStatusReport(document))).toEqual({
      reports: [
        { name: 'ayla', reachable: true, lastSeen: known.lastSeen, status: { name: 'ayla', ...told } },
        { name: 'borneo', reachable: false },
      ],
      unreadable: [],
    });
  });

  it('are named when their report cannot be read, and take no other with them', () => {
    const strange = { name: 'borneo', ...known, ...told, height: -1 };
    const document = { authorities: [strange, 17, { name: 'ayla', ...known, ...told }] };
    const { reports, unreadable } = unwrap(readStatusReport(document));
    expect(unreadable).toEqual(['borneo', 'number 1']);
    expect(reports.map(({ name }) => name)).toEqual(['ayla']);
  });

  it('are refused beyond the limits', () => {
    const long = 'x'.repeat(129);
    const document = { authorities: [{ name: long, reachable: true }] };
    expect(unwrap(readStatusReport(document)).unreadable).toEqual(['number 0']);
    const crowd = { authorities: Array.from({ length: 201 }, () => ({ name: 'ayla', reachable: true })) };
    expect(readStatusReport(crowd)).toMatchObject({ ok: false, error: { code: 'E_SHAPE_RANGE' } });
  });

  it('never throw, whatever the document is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        readStatusReport(value as CborValue);
        readStatusReport({ authorities: [value] } as CborValue);
      }),
    );
  });
});
