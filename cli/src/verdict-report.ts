import { toWire } from '@assay/core/errors/assay-error.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { rungSentence, verdictSentence } from '@assay/core/verify/sentences.ts';
import type { Rung, Verification, VerdictWord } from '@assay/core/verify/types.ts';
import type { Output } from './output.ts';

const words: Record<VerdictWord, string> = {
  verified: 'Verified',
  'verified-stale': 'Verified, stale view',
  'not-in-log': 'Not in log',
  mismatch: 'Mismatch',
  'could-not-check': 'Could not check',
};
const marks: Record<Rung['state'], string> = { pass: '+', fail: 'x', missing: '?' };
const RUNG_WIDTH = 10;

/** The network whose authorities a verdict relies on, and how it was known that these are the ones to rely on. */
export interface ReliedOn {
  readonly networkId: Uint8Array;
  /** `evidence`: from nothing but the evidence under test, which anybody may have made up with authorities of their own. */
  readonly knownFrom: 'data' | 'option' | 'evidence';
}

/** Prints a verdict with every rung it rests on, and the network it rests on where that was not given by the reader. */
export function reportVerdict(verification: Verification, output: Output, reliedOn?: ReliedOn): void {
  const { verdict, purl, artifact, rungs, index, checkpoint } = verification;
  const ladder = rungs.map(
    (rung) => `  ${marks[rung.state]} ${rung.id.padEnd(RUNG_WIDTH)} ${rungSentence(rung)}`,
  );
  const data = {
    verdict,
    sentence: verdictSentence(verification),
    purl,
    artifact,
    index,
    size: checkpoint?.size,
    freshAsOf: checkpoint?.freshAsOf,
    ...(reliedOn && { network: { id: toHex(reliedOn.networkId), knownFrom: reliedOn.knownFrom } }),
    rungs: rungs.map((rung) => ({
      id: rung.id,
      state: rung.state,
      sentence: rungSentence(rung),
      ...(rung.error && { error: toWire(rung.error) }),
    })),
  };
  const lines = [`${words[verdict]}: ${verdictSentence(verification)}`, ...ladder, ...networkLines(reliedOn)];
  output.result(data, lines.join('\n'));
}

function networkLines(reliedOn: ReliedOn | undefined): string[] {
  if (reliedOn?.knownFrom !== 'evidence') return [];
  return [
    `  ! network    ${toHex(reliedOn.networkId)}`,
    '               named by the evidence file alone. Anybody can make a network and evidence to go with it:',
    '               compare this id with the one you know, or give it with --network, or your own with --data.',
  ];
}
