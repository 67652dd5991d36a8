import { toWire } from '@assay/core/errors/assay-error.ts';
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

/** Prints a verdict with every rung it rests on. */
export function reportVerdict(verification: Verification, output: Output): void {
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
    rungs: rungs.map((rung) => ({
      id: rung.id,
      state: rung.state,
      sentence: rungSentence(rung),
      ...(rung.error && { error: toWire(rung.error) }),
    })),
  };
  output.result(data, `${words[verdict]}: ${verdictSentence(verification)}\n${ladder.join('\n')}`);
}
