import type { Messages } from '../message.ts';

/** The log: Merkle tree, tiles, notes, checkpoints, policies, proofs. */
export const logMessages = {
  E_TREE_SHAPE: {
    happened: '{hashes} subtree hashes cannot make up a tree of {size} entries.',
    means: 'The beginning of the log that was kept here is damaged.',
    remedy: 'Synchronise the log again.',
    help: 'log',
  },
  E_TREE_RANGE: {
    happened: 'There is no proof from {from} to {to} in a log of {size} entries.',
    means: 'The question does not fit this log; perhaps the log is behind.',
    remedy: 'Synchronise the log and ask again.',
    help: 'log',
  },
  E_INCLUSION: {
    happened: 'The proof does not show that this is entry {index} of the log of {size} entries.',
    means: 'The record, its place in the log or the proof was changed.',
    remedy: 'Do not rely on this record. Fetch record and proof again, from another source.',
    help: 'inclusion',
  },
  E_CONSISTENCY: {
    happened: 'The log of {size2} entries is not shown to continue the log of {size1} entries.',
    means: 'Either the proof was changed, or the history of the log was.',
    remedy: 'Fetch the proof from another source. If it stays so, keep both checkpoints and report them.',
    help: 'history',
  },
  E_TILE_PATH: {
    happened: '"{path}" is not the path of a tile or an entry bundle.',
    means: 'Each tile has exactly one path, as C2SP tlog-tiles writes it.',
    remedy: 'Check the address.',
    help: 'tiles',
  },
  E_TILE: {
    happened: 'The tile has {have} bytes; it should have {need}.',
    means: 'Part of the tile is missing, or something was appended to it.',
    remedy: 'Fetch it again, from another source if it stays so.',
    help: 'tiles',
  },
  E_ENTRY_BUNDLE: {
    happened: 'The entry bundle is not well-formed after {entries} entries, at byte {offset}.',
    means: 'Part of the bundle is missing, or it holds more or fewer entries than it should.',
    remedy: 'Fetch it again, from another source if it stays so.',
    help: 'tiles',
  },
  E_ENTRY_SIZE: {
    happened: 'The log entry has {have} bytes; at most {limit} fit.',
    means: 'It cannot be added to the log.',
    remedy: 'Make the record smaller.',
    help: 'limits',
  },
  E_LOG_FILE_MISSING: {
    happened: 'The file {path} of the log is missing here.',
    means: 'The copy of the log that is kept here is not whole.',
    remedy: 'Synchronise the log again.',
    help: 'log',
  },
  E_LOG_DAMAGED: {
    happened: 'The copy of the log kept here does not lead to the root of its {size} entries.',
    means: 'Its files were damaged or changed after they were written.',
    remedy: 'Synchronise the log again.',
    help: 'log',
  },
  E_LOG_NO_ENTRY: {
    happened: 'There is no entry {index} in a log of {size} entries.',
    means: 'The log ends before it; perhaps the log is behind.',
    remedy: 'Synchronise the log and ask again.',
    help: 'log',
  },
  E_LOG_WRITERS: {
    happened: 'Two appends to the log at {size} entries came together.',
    means: 'A log has one writer. Nothing of the second append was kept. This is a fault in the program.',
    remedy: 'Please report it.',
    help: 'log',
  },
  E_NOTE: {
    happened: 'The signed note is not well-formed: {reason}.',
    means: 'Nothing in it was looked at.',
    remedy: 'Fetch it again, from another source if it stays so.',
    help: 'checkpoints',
  },
  E_VERIFIER_KEY: {
    happened: 'The text is not a verifier key as signed notes write it.',
    means: 'It cannot be used to check signatures.',
    remedy: 'Check that it was copied whole.',
    help: 'checkpoints',
  },
  E_CHECKPOINT: {
    happened: 'The checkpoint is not well-formed: {reason}.',
    means: 'It does not say which log it is about, how long the log is and what its root is.',
    remedy: 'Fetch it again, from another source if it stays so.',
    help: 'checkpoints',
  },
  E_CHECKPOINT_ORIGIN: {
    happened: 'The checkpoint belongs to the log "{found}", not to "{expected}".',
    means: 'It may be genuine, but it is about another log.',
    remedy: 'Check the address, or which network this program was told to follow.',
    help: 'checkpoints',
  },
  E_COSIGNATURE: {
    happened: 'The cosignature has {have} bytes or an impossible time; it should have {need} bytes.',
    means: 'It is not a cosignature of a checkpoint.',
    remedy: 'Fetch the checkpoint again, from another source.',
    help: 'checkpoints',
  },
  E_NOTE_SIGNATURE: {
    happened: 'The line signed by {name} does not match the checkpoint.',
    means: 'The checkpoint was changed after it was signed, or the signature is a forgery.',
    remedy: 'Do not use this checkpoint. Fetch it from another source.',
    help: 'quorum',
  },
  E_LOG_SIGNATURE: {
    happened: 'The checkpoint carries no signature of the log "{origin}" itself.',
    means: 'Cosignatures alone are not how this log publishes.',
    remedy: 'Fetch the checkpoint from another source.',
    help: 'quorum',
  },
  E_QUORUM: {
    happened: 'The checkpoint has {have} signatures of known authorities; {need} are needed.',
    means: 'Too few authorities stand behind it: it may never have been agreed on.',
    remedy: 'Do not rely on it. Fetch the checkpoint from another source.',
    help: 'quorum',
  },
  E_LOG_POLICY: {
    happened: 'The list of who must sign checkpoints is not usable: {reason}.',
    means: 'No checkpoint can be accepted under it.',
    remedy: 'Check the genesis record or the configuration it comes from.',
    help: 'quorum',
  },
  E_TRIE_PROOF: {
    happened: 'The proof from the map of packages does not hold: {reason}.',
    means: 'The answer about this package, its list of versions or the proof was changed.',
    remedy: 'Do not rely on it. Ask again, from another source.',
    help: 'package-map',
  },
  E_TLOG_PROOF: {
    happened: 'The tlog-proof is not well-formed: {reason}.',
    means: 'It shows nothing.',
    remedy: 'Get it again, from another source if it stays so.',
    help: 'inclusion',
  },
} as const satisfies Messages;
