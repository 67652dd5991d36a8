import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { fromBase64, toBase64 } from '@assay/core/encoding/base64.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { arrayOf, int, shape, text } from '@assay/core/encoding/cbor-shape.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { decodeCandidate, encodeCandidate, type Candidate } from '@assay/core/records/candidate.ts';
import { MAX_AUTHORITY_NAME_BYTES, MAX_CANDIDATE_BYTES, MAX_CHANGES } from '@assay/core/records/limits.ts';
import { writeFileDurably } from '@assay/stores/fs/durable-file.ts';
import { readJson } from '../json-file.ts';
import { candidateId, type Plan } from './plan.ts';

const FILE = 'membership.json';
const OWNER_ONLY = 0o600;
const MAX_KEPT = 64;
const HEX_DIGEST = text({ maxBytes: 64, pattern: /^[0-9a-f]{64}$/ });

/** What an operator has approved, until it is done or has become impossible. */
export interface Approval {
  readonly plan: Plan;
  /** Unix seconds. */
  readonly at: number;
}

/** What an operator told this authority about the set: introduced candidates and approved changes. */
export interface OperatorWill {
  readonly candidates: readonly Candidate[];
  readonly approvals: readonly Approval[];
}

const readFile = shape({
  /** Canonical CBOR in base64. */
  candidates: arrayOf(text({ maxBytes: 2 * MAX_CANDIDATE_BYTES }), { max: MAX_KEPT }),
  approvals: arrayOf(
    shape({
      add: arrayOf(HEX_DIGEST, { max: MAX_CHANGES }),
      remove: arrayOf(text({ maxBytes: MAX_AUTHORITY_NAME_BYTES }), { max: MAX_CHANGES }),
      at: int({ min: 0 }),
    }),
    { max: MAX_KEPT },
  ),
});

/** Reads what was stored; nothing when nothing was. Throws `E_AUTHORITY_CONFIG`. */
export async function loadWill(dataDir: string): Promise<OperatorWill> {
  const path = join(dataDir, FILE);
  if (!existsSync(path)) return { candidates: [], approvals: [] };
  const stored = await readJson(path, readFile);
  const candidates = stored.candidates.map((one) => unwrap(decodeCandidate(unwrap(fromBase64(one)))));
  const byId = new Map(candidates.map((candidate) => [candidateId(candidate), candidate]));
  const approvals = stored.approvals.map(({ add, remove, at }) => ({
    at,
    plan: [
      ...add.flatMap((id) => {
        const candidate = byId.get(id);
        return candidate === undefined ? [] : [{ kind: 'add' as const, candidate }];
      }),
      ...remove.map((name) => ({ kind: 'remove' as const, name })),
    ],
  }));
  return { candidates, approvals };
}

/** Stores it so that it is there after a crash. */
export async function saveWill(dataDir: string, { candidates, approvals }: OperatorWill): Promise<void> {
  const content = {
    candidates: candidates.slice(-MAX_KEPT).map((candidate) => toBase64(encodeCandidate(candidate))),
    approvals: approvals.slice(-MAX_KEPT).map(({ plan, at }) => ({
      add: plan.flatMap((part) => (part.kind === 'add' ? [candidateId(part.candidate)] : [])),
      remove: plan.flatMap((part) => (part.kind === 'remove' ? [part.name] : [])),
      at,
    })),
  };
  await writeFileDurably(join(dataDir, FILE), utf8(`${JSON.stringify(content, undefined, 2)}\n`), OWNER_ONLY);
}
