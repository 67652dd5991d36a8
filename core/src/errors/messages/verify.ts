import type { Messages } from '../message.ts';

/** The rungs of the evidence ladder and the evidence file. */
export const verifyMessages = {
  E_EVIDENCE_MISSING: {
    happened: 'The evidence does not hold {part}.',
    means: 'This step could not be checked. That is no sign of anything wrong, and no sign that all is well.',
    remedy: 'Sync, or fetch what is missing, and check again.',
    help: 'could-not-check',
  },
  E_CHECK_INTERRUPTED: {
    happened: 'The check stopped before its end.',
    means: 'Something failed on this device, not in the evidence: storage or network, for example.',
    remedy: 'Check again.',
    help: 'could-not-check',
  },
  E_TRUST: {
    happened: 'What this client pinned of the network does not follow from its genesis record.',
    means: 'It is not certain who the authorities are, so nobody’s signature counts.',
    remedy: 'Get the genesis file again from the people who run the network.',
    help: 'genesis',
  },
  E_NOT_IN_LOG: {
    happened: 'None of the {size} entries of the log records {purl}.',
    means: 'The authorities have not agreed on this version, as of this view of the log.',
    remedy: 'Request it, or sync and look again.',
    help: 'not-in-log',
  },
  E_RECORD_NOT_PACKAGE: {
    happened: 'Log entry {index} is a {kind} record, not that of a package version.',
    means: 'The evidence points at the wrong entry.',
    remedy: 'Do not use these bytes. Get the evidence from another source.',
    help: 'records',
  },
  E_RECORD_OTHER_PACKAGE: {
    happened: 'Log entry {index} records {recorded}, not {purl}.',
    means: 'The evidence is that of another package.',
    remedy: 'Do not use these bytes. Get the evidence from another source.',
    help: 'records',
  },
  E_RECORD_OTHER_EPOCH: {
    happened: 'Log entry {index} names epoch {found}; at its place in the log epoch {expected} is in force.',
    means: 'It cannot be said whose agreement the record rests on.',
    remedy: 'Do not use it. Synchronise the log again, and report it if it stays so.',
    help: 'records',
  },
  E_RECORD_NO_ARTIFACT: {
    happened: 'The record of {purl} names no file {name}.',
    means: 'The authorities did not agree on such a file.',
    remedy: 'Check the name of the file.',
    help: 'records',
  },
  E_CONTENT_SIZE: {
    happened: 'The file has {have} bytes; the record says {want}.',
    means: 'It is not the file the authorities agreed on: cut off, longer, or another file.',
    remedy: 'Do not use it. Fetch it again.',
    help: 'mismatch',
  },
  E_CONTENT_DIGEST: {
    happened: 'The SHA-256 of the file is {found}; the record says {expected}.',
    means: 'It is not the file the authorities agreed on. At least one byte differs.',
    remedy: 'Do not use it. Fetch it again, and compare where you got this one.',
    help: 'mismatch',
  },
  E_CONTENT_CAPABILITY: {
    happened: 'The blocks of the file lead to another read capability than the record’s.',
    means: 'It is not the file the authorities agreed on.',
    remedy: 'Do not use it. Fetch it again.',
    help: 'mismatch',
  },
  E_CONTENT_UNREADABLE: {
    happened: 'The file could not be read to its end.',
    means: 'Nothing can be said about it.',
    remedy: 'Check that it is still there, or fetch it again.',
    help: 'could-not-check',
  },
  E_HISTORY_CONFLICT: {
    happened:
      'Two checkpoints of {size} entries, each signed by a quorum, contradict each other. {names} signed both.',
    means: 'More authorities broke the rules than the network can bear. The log cannot be relied on.',
    remedy:
      'Use nothing newer than what you had. Export the evidence and show it to the people who run the network.',
    help: 'split-view',
  },
  E_EVIDENCE_FILE: {
    happened: 'The evidence file is not usable: {reason}.',
    means: 'Nothing in it was checked.',
    remedy: 'Export it again.',
    help: 'evidence-files',
  },
  E_EVIDENCE_NETWORK: {
    happened: 'The evidence file is about the network {found}; expected was {expected}.',
    means: 'Its signatures are those of other authorities than the ones you trust.',
    remedy: 'Check it against the network it belongs to, if you trust that one.',
    help: 'evidence-files',
  },
} as const satisfies Messages;
