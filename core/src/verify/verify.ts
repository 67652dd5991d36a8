import type { VerifyEd25519Async } from '../crypto/ed25519.ts';
import { verifyContradiction, verifyNetworkCheckpoint } from '../records/network-checkpoint.ts';
import { setForSize } from '../records/network.ts';
import type { ArtifactAddRecord } from '../records/types.ts';
import { checkAgreement } from './check-agreement.ts';
import { checkContent } from './check-content.ts';
import { checkHistory, checkInclusion, checkQuorum, readCheckpoint } from './check-log.ts';
import { checkAbsence, checkRecord } from './check-record.ts';
import { checkTrust } from './check-trust.ts';
import { climb, missingPart, rungOf } from './rung.ts';
import type { Evidence, Rung, Verification } from './types.ts';
import { decide } from './verdict.ts';

/** A view whose newest reliable signature is older is called stale. Authorities sign again every hour, so a day is 24 misses. */
export const STALE_AFTER_SECONDS = 24 * 60 * 60;

/** What the verifier needs of the world. */
export interface VerifyPorts {
  readonly verifySignature: VerifyEd25519Async;
  /** Unix seconds. */
  now(): number;
  /** Milliseconds from any fixed moment. */
  elapsed(): number;
  /** Seconds; `STALE_AFTER_SECONDS` when absent. */
  readonly staleAfter?: number;
}

/**
 * THE verifier: evidence in, verdict out, every rung of the ladder computed here from the evidence alone. Nothing in the project
 * is called verified but by this function. It never rejects: what cannot be checked is said to be so.
 */
export async function verify(given: Evidence, ports: VerifyPorts): Promise<Verification> {
  const { elapsed } = ports;
  const verifySignature = withoutStrays(ports.verifySignature);
  const start = elapsed();
  const trusting = checkTrust(given.trust, ports.verifySignature);
  const trust = await trusting.then(
    (trusted) => (trusted.ok ? trusted.value : given.trust),
    () => given.trust,
  );
  const evidence = { ...given, trust };
  const head = evidence.checkpoint === undefined ? undefined : readCheckpoint(evidence.checkpoint);
  const claimed = head?.ok === true ? head.value : undefined;
  const { policy } = setForSize(trust, claimed?.size ?? 0);
  const judge = async (note: Uint8Array) => {
    const trusted = await trusting;
    return trusted.ok ? await verifyNetworkCheckpoint(note, trusted.value, verifySignature) : trusted;
  };

  const judgeOther = async (note: Uint8Array) => {
    const trusted = await trusting;
    return trusted.ok ? await verifyContradiction(note, trusted.value, verifySignature) : trusted;
  };

  const record = await climb('record', elapsed, () => checkRecord(evidence));
  const [bytes, blocks] = await contentRungs(evidence, record.value, elapsed);
  const inclusion = await climb('inclusion', elapsed, () => checkInclusion(evidence, claimed));
  const quorum = await climb('quorum', elapsed, () =>
    checkQuorum(evidence.checkpoint, policy, judge, ports.now()),
  );
  const history = await climb('history', elapsed, () =>
    checkHistory(evidence, claimed, quorum.value, judgeOther),
  );
  const agreement = await climb('agreement', elapsed, async () =>
    checkAgreement(evidence.agreement, record.value, await trusting, verifySignature),
  );

  const absence = checkAbsence(evidence, quorum.value);
  const recordRung = absence === undefined ? record.rung : rungOf('record', absence, record.rung.ms);
  const rungs = [bytes, blocks, recordRung, inclusion.rung, quorum.rung, history.rung, agreement.rung];
  const staleBefore = ports.now() - (ports.staleAfter ?? STALE_AFTER_SECONDS);
  return {
    verdict: decide(rungs, quorum.value, staleBefore),
    purl: evidence.purl,
    rungs,
    ms: elapsed() - start,
    ...defined({
      artifact: evidence.artifact?.name,
      checkpoint: quorum.value,
      record: record.value,
      index: record.value && evidence.entry?.index,
      builders: agreement.value,
    }),
  };
}

async function contentRungs(
  { artifact: claimed }: Evidence,
  record: ArtifactAddRecord | undefined,
  elapsed: () => number,
): Promise<readonly [Rung, Rung]> {
  const artifact = record?.artifacts.find(({ name }) => name === claimed?.name);
  if (artifact !== undefined && claimed !== undefined) {
    return await checkContent(artifact, claimed.content, elapsed);
  }
  const finding = missingPart(claimed === undefined ? 'the file' : 'a record to compare the file with');
  return [rungOf('bytes', finding, 0), rungOf('blocks', finding, 0)];
}

/** Checks run side by side: when the first one rejects, nobody waits for the others, and their rejections must not go astray. */
function withoutStrays(verifySignature: VerifyEd25519Async): VerifyEd25519Async {
  return (publicKey, message, signature) => {
    const outcome = verifySignature(publicKey, message, signature);
    outcome.catch(() => undefined);
    return outcome;
  };
}

/** The members that have a value. */
function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
