import { signStatement } from '@assay/core/archive/attestation.ts';
import { failureAttestation, mirrorAttestation, type Statement } from '@assay/core/archive/statement.ts';
import type { Clock } from '@assay/core/clock.ts';
import { signEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { AssayError, isAssayError, toWire } from '@assay/core/errors/assay-error.ts';
import { throwIfAborted, withDeadline } from '@assay/core/net/deadline.ts';
import { formatPurl, type Purl } from '@assay/core/records/purl.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { ProposedAdd } from '@assay/core/records/proposal.ts';
import type { NpmMirror } from './npm-mirror.ts';

/** What this authority states about a package version: signed, and what it proposes if it got the package. */
export interface OwnAnswer {
  readonly envelope: Uint8Array;
  readonly proposal?: ProposedAdd;
}

/** Finds out about package versions and signs what it found. */
export interface Builder {
  /** Rejects only with `E_ABORTED`: every other failure is an answer, too. */
  answer(purl: Purl, signal: AbortSignal): Promise<OwnAnswer>;
  /** Removes what was kept of a proposal that did not become a record. */
  discard(proposal: ProposedAdd): Promise<void>;
}

/** A builder that mirrors and signs with the authority's build key. */
export function createBuilder(options: {
  readonly mirror: NpmMirror;
  readonly trust: NetworkTrust;
  readonly me: number;
  readonly buildSeed: Uint8Array;
  readonly clock: Clock;
  /** Longest time for one package version, all tries together. */
  readonly timeoutMs: number;
}): Builder {
  const { mirror, trust, me: authority, buildSeed, clock, timeoutMs } = options;
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
        const statement = mirrorAttestation({ trust, authority, proposal, upstream, startedOn, finishedOn });
        return { envelope: signed(statement), proposal };
      } catch (thrown) {
        throwIfAborted(signal);
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
    discard: (proposal) => mirror.discard(proposal),
  };
}

/** A fault of this program must not stay silent either: the requester is told its name. */
function codedError(thrown: unknown): AssayError {
  if (isAssayError(thrown)) return thrown;
  return new AssayError('E_UNKNOWN', { code: thrown instanceof Error ? thrown.name : 'none' }, thrown);
}
