import { signStatement } from '@assay/core/archive/attestation.ts';
import { decodeCanonicalJson } from '@assay/core/archive/canonical-json.ts';
import { decodeEnvelope } from '@assay/core/archive/dsse.ts';
import {
  builderId,
  failureAttestation,
  mirrorAttestation,
  readStatement,
  type Statement,
} from '@assay/core/archive/statement.ts';
import type { Clock } from '@assay/core/clock.ts';
import { signEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { unwrap, type Result } from '@assay/core/errors/result.ts';
import { AssayError, isAssayError, toWire } from '@assay/core/errors/assay-error.ts';
import { throwIfAborted, withDeadline } from '@assay/core/net/deadline.ts';
import { formatPurl, type Purl } from '@assay/core/records/purl.ts';
import type { ProposedAdd } from '@assay/core/records/proposal.ts';
import type { Eras } from '../era.ts';
import type { NpmMirror } from './npm-mirror.ts';

/** What this authority states about a package version: signed, and what it proposes if it got the package. */
export interface OwnAnswer {
  readonly envelope: Uint8Array;
  readonly proposal?: ProposedAdd;
}

/** Finds out about package versions and signs what it found. */
export interface Builder {
  /** Rejects only with `E_ABORTED` and, outside the authority set, `E_NOT_AN_AUTHORITY`: every other failure is an answer, too. */
  answer(purl: Purl, signal: AbortSignal): Promise<OwnAnswer>;
  /** What an answer of this authority says, signed for the epoch in force if it was for another one. */
  renew(envelope: Uint8Array): Uint8Array;
  /** Removes what was kept of a proposal that did not become a record. */
  discard(proposal: ProposedAdd): Promise<void>;
}

/** A builder that mirrors and signs with the authority's build key. */
export function createBuilder(options: {
  readonly mirror: NpmMirror;
  readonly eras: Eras;
  readonly buildSeed: Uint8Array;
  readonly clock: Clock;
  /** Longest time for one package version, all tries together. */
  readonly timeoutMs: number;
}): Builder {
  const { mirror, eras, buildSeed, clock, timeoutMs } = options;
  const publicKey = publicKeyFromSeed(buildSeed);
  const signed = (statement: Statement): Uint8Array =>
    signStatement(statement, { publicKey, sign: (message) => signEd25519Node(message, buildSeed) });
  return {
    async answer(purl, signal) {
      const startedOn = clock.now();
      try {
        const { proposal, upstream } = await withDeadline(clock, timeoutMs, signal, (within) =>
          mirror.mirror(purl, within),
        );
        const finishedOn = clock.now();
        const { trust, me: authority } = memberEra(eras);
        const statement = mirrorAttestation({ trust, authority, proposal, upstream, startedOn, finishedOn });
        return { envelope: signed(statement), proposal };
      } catch (thrown) {
        throwIfAborted(signal);
        const { trust, me: authority } = memberEra(eras);
        const error = toWire(codedError(thrown));
        const statement = failureAttestation({
          trust,
          authority,
          purl: formatPurl(purl),
          error,
          at: clock.now(),
        });
        return { envelope: signed(statement) };
      }
    },
    renew(envelope) {
      const { trust, me } = memberEra(eras);
      const statement = unwrap(statementIn(envelope));
      const renewed = statedBy(statement, builderId(trust, trust.current, me));
      return renewed === undefined ? envelope : signed(renewed);
    },
    discard: (proposal) => mirror.discard(proposal),
  };
}

function memberEra({ current: { trust, me } }: Eras) {
  if (me === undefined) throw new AssayError('E_NOT_AN_AUTHORITY', { epoch: trust.current.epoch });
  return { trust, me };
}

function statementIn(envelope: Uint8Array): Result<Statement> {
  const decoded = decodeEnvelope(envelope);
  if (!decoded.ok) return decoded;
  const json = decodeCanonicalJson(decoded.value.payload);
  return json.ok ? readStatement(json.value, '$') : json;
}

/** The same statement by `builder`; undefined when it is so already. */
function statedBy(statement: Statement, builder: string): Statement | undefined {
  const { predicate } = statement;
  if (!('runDetails' in predicate)) {
    const configuration = [{ name: 'builder' as const, uri: builder }];
    if (predicate.configuration[0]?.uri === builder) return undefined;
    return { ...statement, predicate: { ...predicate, configuration } } as Statement;
  }
  const { runDetails } = predicate;
  if (runDetails.builder.id === builder) return undefined;
  return {
    ...statement,
    predicate: { ...predicate, runDetails: { ...runDetails, builder: { id: builder } } },
  } as Statement;
}

/** A fault of this program must not stay silent either: the requester is told its name. */
function codedError(thrown: unknown): AssayError {
  if (isAssayError(thrown)) return thrown;
  return new AssayError('E_UNKNOWN', { code: thrown instanceof Error ? thrown.name : 'none' }, thrown);
}
