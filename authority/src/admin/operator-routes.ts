import type { CborValue } from '@assay/core/encoding/cbor.ts';
import { arrayOf, shape, text } from '@assay/core/encoding/cbor-shape.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { parseCandidateFile } from '@assay/core/records/candidate.ts';
import { MAX_CANDIDATE_BYTES, MAX_CHANGES } from '@assay/core/records/limits.ts';
import type { KnownCandidate, PendingChange } from '../membership/book.ts';
import type { Membership } from '../membership/membership.ts';
import type { PlannedChange } from '../membership/plan.ts';
import type { AdminRoutes } from './admin-server.ts';
import { candidateView, changeView, type OperatorStatus } from './operator-view.ts';

const words = arrayOf(text({ maxBytes: 2 * MAX_CANDIDATE_BYTES }), { max: MAX_CHANGES });

/** What `POST /approve` takes: candidates by file, name or beginning of the fingerprint; members to remove by name. */
const readApproval = shape({ add: words, remove: words });
const readCandidateFile = shape({ candidate: text({ maxBytes: 2 * MAX_CANDIDATE_BYTES }) });

/** What an operator can ask of an authority and tell it to do. */
export function operatorRoutes(ports: {
  readonly membership: Membership;
  readonly status: () => Promise<OperatorStatus>;
  /** Seconds since the steady clock's beginning, as candidates are dated by, in milliseconds. */
  readonly elapsed: () => number;
}): AdminRoutes {
  const { membership, status, elapsed } = ports;
  const candidate = (known: KnownCandidate) => candidateView(known, membership, elapsed());
  const change = (pending: PendingChange) => changeView(pending, membership);
  const approve = async ({ add, remove }: { add: readonly string[]; remove: readonly string[] }) => {
    const plan: PlannedChange[] = [];
    for (const word of add)
      plan.push({ kind: 'add', candidate: (await candidateMeant(membership, word)).candidate });
    for (const name of remove) plan.push({ kind: 'remove', name });
    return change(await membership.approve(plan));
  };
  return {
    'GET /status': status,
    'GET /candidates': () => ({ candidates: membership.candidates.map(candidate) }),
    'GET /ballots': () => ({ changes: membership.pending.map(change) }),
    'POST /candidates': async (body) => {
      const file = unwrap(readCandidateFile(parse(body), '$')).candidate;
      return candidate(await membership.introduce(unwrap(parseCandidateFile(file))));
    },
    'POST /approve': (body) => approve(unwrap(readApproval(parse(body), '$'))),
    'POST /remove': (body) => {
      const { remove } = unwrap(shape({ remove: words })(parse(body), '$'));
      return approve({ add: [], remove });
    },
  };
}

/** The candidate that an operator names: a whole candidate file is introduced on the way. */
async function candidateMeant(membership: Membership, word: string): Promise<KnownCandidate> {
  if (word.includes('\n')) return await membership.introduce(unwrap(parseCandidateFile(word)));
  const byName = membership.candidates.filter(({ candidate }) => candidate.authority.name === word);
  const byId = membership.candidates.filter(({ id }) => word.length >= 8 && id.startsWith(word));
  const meant = byName.length > 0 ? byName : byId;
  const [only] = meant;
  if (only === undefined) throw new AssayError('E_CANDIDATE_UNKNOWN', { name: word });
  if (meant.length > 1) throw new AssayError('E_CANDIDATE_AMBIGUOUS', { name: word });
  return only;
}

function parse(body: string): CborValue {
  try {
    return JSON.parse(body) as CborValue;
  } catch (cause) {
    throw new AssayError('E_JSON', { reason: 'it is not JSON' }, cause);
  }
}
