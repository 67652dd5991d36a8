import type { Messages } from '../message.ts';

/** Package names, records, batches, networks, proposals and transactions. */
export const recordMessages = {
  E_PURL_SYNTAX: {
    happened: '"{purl}" is not a package URL.',
    means: 'A package URL looks like pkg:npm/clsx@2.1.1 or pkg:npm/%40noble/hashes@2.4.0.',
    remedy: 'Check the spelling.',
    help: 'package-urls',
  },
  E_PURL_TYPE: {
    happened: '"{purl}" names an ecosystem this network does not carry.',
    means: 'Only npm packages can be requested and logged here.',
    remedy: 'Use a package URL that starts with pkg:npm/.',
    help: 'package-urls',
  },
  E_PURL_NOT_CANONICAL: {
    happened: '"{purl}" is not written in the one canonical form of a package URL.',
    means: 'Records name each package in exactly one way, so that no version can be logged twice.',
    remedy: 'Write the scope as %40scope, encode nothing that needs no encoding, and leave out qualifiers.',
    help: 'package-urls',
  },
  E_PACKAGE_NAME: {
    happened: '"{name}" cannot be the name of an npm package.',
    means: 'Names are at most 214 URL-safe characters, with an optional @scope/ before them.',
    remedy: 'Check the spelling.',
    help: 'package-urls',
  },
  E_PACKAGE_VERSION: {
    happened: '"{version}" is not a complete version.',
    means: 'A version has three numbers, like 2.0.1, perhaps followed by a pre-release part like -beta.1.',
    remedy: 'Write the version in full, or leave it out for the newest.',
    help: 'package-urls',
  },
  E_RECORD_FIELD: {
    happened: 'The field {field} of the record is not valid: {reason}.',
    means: 'No honest authority signs such a record.',
    remedy: 'Do not use it. If a quorum signed it, keep the evidence and report it.',
    help: 'records',
  },
  E_RECORD_TOO_LARGE: {
    happened: 'The record is {size} bytes long; at most {limit} fit into a log entry.',
    means: 'It cannot be logged.',
    remedy: 'Request another version of the package.',
    help: 'records',
  },
  E_GENESIS: {
    happened: 'The genesis record is not usable: {reason}.',
    means: 'It says who the authorities are; without it nothing can be checked.',
    remedy: 'Get the genesis file again from the people who run the network.',
    help: 'genesis',
  },
  E_BATCH_GENESIS: {
    happened: 'Entry 0 of the log is not the genesis record this client pinned.',
    means: 'This is the log of another network.',
    remedy: 'Check which network you meant to join.',
    help: 'genesis',
  },
  E_BATCH_FORM: {
    happened: 'Entry {index} breaks the form of a batch: {reason}.',
    means: 'The log does not follow the rules its authorities agreed on.',
    remedy: 'Do not use this log. Keep what you have as evidence and report it.',
    help: 'batches',
  },
  E_BATCH_STATE: {
    happened: 'The state record at {index} says {field} {found}; it should be {expected}.',
    means: 'The log does not follow the rules its authorities agreed on.',
    remedy: 'Do not use this log. Keep what you have as evidence and report it.',
    help: 'batches',
  },
  E_HANDOFF: {
    happened: 'The hand-off to epoch {epoch} does not count: {reason}.',
    means: 'It is not shown that the authorities before handed over to these, so nobody new is trusted.',
    remedy: 'Keep the authorities known so far. Ask other sources for the hand-off, and report this one.',
    help: 'epochs',
  },
  E_MEMBERSHIP: {
    happened: 'The authorities cannot be changed like this: {reason}.',
    means: 'No honest authority votes for it; the set stays as it is.',
    remedy: 'Propose another change.',
    help: 'epochs',
  },
  E_CANDIDATE: {
    happened: 'The candidate for the authorities is not usable: {reason}.',
    means:
      'It is not shown that its operator holds the keys it would join with, or that it belongs to this network.',
    remedy: 'Ask its operator to make the candidate file again.',
    help: 'epochs',
  },
  E_EQUIVOCATION: {
    happened: 'The evidence does not show that an authority equivocated: {reason}.',
    means: 'Nobody is suspended for it.',
    remedy: 'Nothing needs to be done.',
    help: 'epochs',
  },
  E_EPOCH_UNKNOWN: {
    happened: 'Epoch {epoch} of the authorities is not known here; the newest known one is {newest}.',
    means:
      'It cannot be said who the authorities of that epoch are, so their signatures count for nothing yet.',
    remedy: 'Synchronise again: the hand-off that leads to that epoch has to be fetched and checked first.',
    help: 'epochs',
  },
  E_DUPLICATE_VERSION: {
    happened: '{purl} is in the log already, as record {index}.',
    means: 'A version enters the log once, ever, so that it always means the same bytes.',
    remedy: 'Use the record that is there.',
    help: 'records',
  },
  E_TRANSACTION_FORM: {
    happened: 'The transaction is not usable: {reason}.',
    means: 'No honest authority votes for it.',
    remedy: 'Nothing needs to be done; the request can be made again.',
    help: 'agreement',
  },
} as const satisfies Messages;
