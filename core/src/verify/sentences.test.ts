import { beforeAll, describe, expect, it } from 'vitest';
import { attest, attestFailure, makeNetwork, makeProposal } from '../records/network.fixture.ts';
import {
  bytesContent,
  clsx,
  fileOf,
  SIGNED_AT,
  someFile,
  TestLog,
  threePackages,
} from './evidence.fixture.ts';
import { ports } from './ports.fixture.ts';
import { rungSentence, verdictSentence } from './sentences.ts';
import type { Evidence } from './types.ts';
import { verify } from './verify.ts';
import { ago, counted, grouped } from './words.ts';

let log: TestLog;
let evidence: Evidence;

beforeAll(async () => {
  ({ log, evidence } = await threePackages());
});

/** Thin spaces written as plain ones, so that the expected sentences can be read. */
function plain(sentence: string): string {
  return sentence.replaceAll('\u2009', ' ');
}

async function sentenceOf(changes: Partial<Evidence>, now = SIGNED_AT + 12): Promise<string> {
  return plain(verdictSentence(await verify({ ...evidence, ...changes }, { ...ports, now: () => now })));
}

describe('the verdict in a sentence', () => {
  it('verified', async () => {
    expect(await sentenceOf({})).toBe(
      'This file is record 4 of a log that 4 of 4 authorities signed 12 seconds ago. ' +
        '4 of 4 authorities fetched these bytes from npm independently, and your copy matches.',
    );
  });

  it('stale', async () => {
    expect(await sentenceOf({}, SIGNED_AT + 5 * 24 * 60 * 60)).toBe(
      'This file is record 4 of a log that 4 of 4 authorities signed 5 days ago. ' +
        '4 of 4 authorities fetched these bytes from npm independently, and your copy matches. ' +
        'The signatures are old: this view of the log may lack newer records.',
    );
  });

  it('with dissent, names who saw something else', async () => {
    const network = makeNetwork(4);
    const dissent = [attest(network, 3, makeProposal(clsx.purl, someFile('other', 50)))];
    const split = await TestLog.of(
      [{ purl: clsx.purl, content: clsx.file, agree: [0, 1, 2], dissent }],
      network,
    );
    expect(await sentenceOf(await split.evidence(clsx.purl))).toBe(
      'This file is record 2 of a log that 4 of 4 authorities signed 12 seconds ago. ' +
        '3 of 4 authorities fetched these bytes from npm independently, and your copy matches. ' +
        'delft saw something else.',
    );
  });

  it('not in the log', async () => {
    const absent = await verify(
      {
        trust: log.network.trust,
        purl: 'pkg:npm/x@1.0.0',
        checkpoint: log.checkpoint(),
        absence: { size: 8, root: log.log.root() },
      },
      ports,
    );
    expect(plain(verdictSentence(absent))).toBe(
      'None of the 8 entries that 4 of 4 authorities signed 12 seconds ago records pkg:npm/x@1.0.0.',
    );
  });

  it('mismatch, with what failed first', async () => {
    const longer = Uint8Array.of(...clsx.file, 0);
    expect(await sentenceOf({ artifact: fileOf(bytesContent(longer.subarray(1, 101))) })).toBe(
      'Do not use this file. The file has 100 bytes; the record says 40 000. 1 other check failed too.',
    );
  });

  it('could not check: the file is not here, or something else is missing', async () => {
    expect(await sentenceOf({ artifact: fileOf({ kind: 'absent' }) })).toBe(
      'This version is record 4 of a log that 4 of 4 authorities signed 12 seconds ago. ' +
        '4 of 4 authorities fetched these bytes from npm independently. ' +
        'The file itself has not been compared: it is not on this device.',
    );
    const none = await verify({ trust: log.network.trust, purl: clsx.purl }, ports);
    expect(plain(verdictSentence(none))).toBe(
      'Nothing is known to be wrong, but not everything could be checked. The evidence does not hold a record of this version.',
    );
  });
});

describe('the rungs in sentences', () => {
  it('say what was compared', async () => {
    const { rungs } = await verify(evidence, ports);
    expect(rungs.map(rungSentence).map(plain)).toEqual([
      'SHA-256 of the 40 000 bytes on this device equals the record’s',
      '3 of 3 blocks match the read capability; none was refused',
      'Record 4 is that of pkg:npm/clsx@2.1.1, with 1 file',
      '3 hashes lead from the record to the root of 8 entries',
      '4 of 4 authorities; 3 are needed. Signed 12 seconds ago',
      'First sight of this log, at 8 entries: nothing to compare with yet',
      '4 of 4 authorities fetched these bytes from npm independently',
    ]);
  });

  it('tell a continued history from an unchanged and an older one', async () => {
    const of = async (changes: Partial<Evidence>) => {
      const { rungs } = await verify({ ...evidence, ...changes }, ports);
      return rungs.filter(({ id }) => id === 'history').map(rungSentence)[0];
    };
    expect(await of({ previous: await log.previous(5) })).toBe('Continues the 5 entries seen here before');
    expect(await of({ previous: await log.previous(8) })).toBe('The same as the 8 entries seen here before');
  });

  it('name dissenters and failures in the agreement', async () => {
    const network = makeNetwork(7);
    const dissent = [
      attest(network, 5, makeProposal(clsx.purl, someFile('x', 5))),
      attestFailure(network, 6, clsx.purl),
    ];
    const seven = await TestLog.of(
      [{ purl: clsx.purl, content: clsx.file, agree: [0, 1, 2, 3, 4], dissent }],
      network,
    );
    const { rungs } = await verify(await seven.evidence(clsx.purl), ports);
    expect(rungs.filter(({ id }) => id === 'agreement').map(rungSentence)).toEqual([
      '5 of 7 authorities fetched these bytes from npm independently; fuji saw something else; gobi could not fetch them',
    ]);
  });

  it('never call anything safe, nor claim a build that did not happen', async () => {
    const verification = await verify(evidence, ports);
    const all = [verdictSentence(verification), ...verification.rungs.map(rungSentence)].join(' ');
    expect(all).not.toMatch(/\b(safe|secure|trustworthy|built|build|rebuilt)\b/i);
  });
});

describe('numbers in words', () => {
  it('group digits by threes with thin spaces', () => {
    expect([0, 999, 1000, 12_480, 1_234_567].map(grouped).map(plain)).toEqual([
      '0',
      '999',
      '1 000',
      '12 480',
      '1 234 567',
    ]);
    expect(grouped(12_480)).toContain('\u2009');
  });

  it('count and tell how long ago', () => {
    expect([counted(1, 'byte'), counted(2, 'entry', 'entries')]).toEqual(['1 byte', '2 entries']);
    const times = [0, 1, 59, 60, 3599, 3600, 172_799, 172_800];
    expect(times.map(ago)).toEqual([
      '0 seconds ago',
      '1 second ago',
      '59 seconds ago',
      '1 minute ago',
      '59 minutes ago',
      '1 hour ago',
      '47 hours ago',
      '2 days ago',
    ]);
  });
});
