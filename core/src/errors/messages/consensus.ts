import type { Messages } from '../message.ts';

/** Agreement between the authorities and its durable state. */
export const consensusMessages = {
  E_CONSENSUS_MESSAGE: {
    happened: 'A consensus message is not well formed: {reason}.',
    means: 'The authority that sent it is faulty or runs another version.',
    remedy: 'Nothing is lost: the message was ignored. Check the version of that authority.',
    help: 'consensus',
  },
  E_CONSENSUS_BLOCK: {
    happened: 'A consensus block is not valid: {reason}.',
    means: 'The authority that proposed it is faulty or runs another version.',
    remedy: 'Nothing is lost: nobody honest votes for it. Check the version of that authority.',
    help: 'consensus',
  },
  E_ALREADY_IN_LOG: {
    happened: '{purl} is in the log already, as entry {index}.',
    means: 'A package version enters the log once and never changes.',
    remedy: 'Use the record that is there.',
    help: 'records',
  },
  E_TOO_MANY_PENDING: {
    happened: '{pending} transactions wait for agreement; no more are taken.',
    means:
      'The authorities agree more slowly than packages are asked for, or too few of them can be reached.',
    remedy: 'Try again later.',
    help: 'consensus',
  },
  E_CONSENSUS_STATE: {
    happened: 'The consensus database does not belong here: {reason}.',
    means: 'It was made for another network or another authority, or by another version.',
    remedy: 'Check the data directory and the keys in it.',
    help: 'consensus',
  },
} as const satisfies Messages;
