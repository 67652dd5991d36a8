import type { Messages } from '../message.ts';

/** Builders' signed statements, and how many of them agree. */
export const attestationsMessages = {
  E_JSON: {
    happened: 'The text is not JSON in its one accepted form: {reason}.',
    means: 'Signed JSON has exactly one accepted spelling, so that it means the same to every reader.',
    remedy: 'Fetch it again, from another source if it stays so.',
    help: 'attestations',
  },
  E_ENVELOPE: {
    happened: 'The signed envelope is not usable: {reason}.',
    means: 'It does not hold an attestation this program can check.',
    remedy: 'Fetch it again, from another source if it stays so.',
    help: 'attestations',
  },
  E_ATTESTATION: {
    happened: 'The attestation is not usable: {reason}.',
    means: 'It is signed, but it does not say what an attestation of this network says.',
    remedy: 'Do not rely on it.',
    help: 'attestations',
  },
  E_ATTESTATION_SIGNER: {
    happened: 'The attestation was not signed with the build key of an authority of this network.',
    means: 'Anyone could have made it.',
    remedy: 'Do not rely on it.',
    help: 'attestations',
  },
  E_AGREEMENT_QUORUM: {
    happened: '{agreed} of {total} authorities agree on these bytes; {need} are needed.',
    means: 'Too few independent authorities saw the same bytes.',
    remedy: 'Look at who saw what, and ask again later.',
    help: 'agreement',
  },
  E_AGREEMENT_OUTCOME: {
    happened: 'The attestation of {name} is filed as {filed}, but it says otherwise.',
    means: 'The evidence was put together wrongly.',
    remedy: 'Do not rely on this evidence.',
    help: 'agreement',
  },
  E_AGREEMENT_PURL: {
    happened: 'The attestation of {name} is about another package: {purl}.',
    means: 'The evidence was put together wrongly.',
    remedy: 'Do not rely on this evidence.',
    help: 'agreement',
  },
  E_AGREEMENT_DUPLICATE: {
    happened: '{name} speaks more than once in the evidence.',
    means: 'Each authority counts once.',
    remedy: 'Do not rely on this evidence.',
    help: 'agreement',
  },
  E_AGREEMENT_DIGEST: {
    happened: 'The evidence bundle is not the one the record names.',
    means: 'The attestations are not those that were checked when the record entered the log.',
    remedy: 'Fetch the evidence from another source.',
    help: 'agreement',
  },
  E_AGREEMENT_BUILDERS: {
    happened:
      'The record names other authorities than those whose attestations agree: {recorded} against {attested}.',
    means: 'The record claims support that its evidence does not show.',
    remedy: 'Do not use this record. Keep the evidence and report it.',
    help: 'agreement',
  },
} as const satisfies Messages;
