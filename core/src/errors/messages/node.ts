import type { Messages } from '../message.ts';

/** Fetching artifacts, syncing the log, storing. */
export const nodeMessages = {
  E_SOURCE_STALLED: {
    happened: 'No byte came for {seconds} s.',
    means: 'The source is overloaded or gone. It is not asked again for now.',
    remedy: 'Nothing is needed: others are asked.',
    help: 'sources',
  },
  E_SOURCE_BAD_BLOCK: {
    happened: 'Block {index} does not have the hash it is named by.',
    means:
      'The source sent other bytes than those that were asked for. Nothing of it was kept and it is not asked again.',
    remedy: 'Nothing is needed: others are asked.',
    help: 'sources',
  },
  E_NO_SOURCE: {
    happened: 'Nobody who holds {name} can be reached.',
    means: 'The bytes could not be had now; this says nothing about the package.',
    remedy: 'Try again when you are online or when someone who holds it is.',
    help: 'sources',
  },
  E_ALL_SOURCES_FAILED: {
    happened: 'Nobody delivered {name}: {reasons}.',
    means: 'All {count} sources were asked and each failed or sent wrong bytes. Nothing was stored.',
    remedy: 'Try again later, or use another relay.',
    help: 'sources',
  },
  E_ARTIFACT_UNKNOWN: {
    happened: '{purl} has no artifact named {name}.',
    means: 'The record lists the files of a version; this one is not among them.',
    remedy: 'Check the name.',
    help: 'artifacts',
  },
  E_NOT_HELD: {
    happened: '{name} is not stored here.',
    means: 'It has to be fetched before it can be used.',
    remedy: 'Fetch it.',
    help: 'storage',
  },
  E_NOT_VERIFIED: {
    happened: '{name} was not verified: {verdict}.',
    means: 'Bytes that are not verified are never handed out.',
    remedy: 'Open the version and see which check failed.',
    help: 'verdicts',
  },
  E_PACKAGE_UNKNOWN: {
    happened: 'The log holds no record of {purl}.',
    means: 'As far as this log goes, nobody has agreed on such a package version.',
    remedy: 'Request it.',
    help: 'not-in-log',
  },
  E_STORE: {
    happened: 'The store failed: {reason}.',
    means:
      'The disk or the browser did not do what was asked. What was verified and stored before is not affected.',
    remedy: 'Free some space and try again.',
    help: 'storage',
  },
  E_STORE_FULL: {
    happened: 'The store is full: {need} bytes are needed and {have} can be freed.',
    means: 'Nothing can be removed by itself, because all that is stored is pinned or in use.',
    remedy: 'Unpin or remove something, or raise the limit.',
    help: 'storage',
  },
  E_STORE_BUSY: {
    happened: 'This artifact is already being written.',
    means: 'Another part of the program, or another tab, is fetching it.',
    remedy: 'Wait for it to finish.',
    help: 'storage',
  },
  E_STORE_ANCHOR: {
    happened:
      'A checkpoint of {size} entries cannot take the place of the one stored here, of {stored} entries.',
    means: 'It is older than what was checked before, contradicts it, or would hide a contradiction found.',
    remedy: 'Start the program again. If this stays, another program writes into the same storage.',
    help: 'storage',
  },
  E_SYNC_NO_SOURCE: {
    happened: 'Nobody can be asked for the log.',
    means: 'What was synced before is still there and checked; it may be out of date.',
    remedy: 'Check your connection and try again.',
    help: 'sync',
  },
  E_SYNC_REFUSED: {
    happened: 'No source has a usable checkpoint: {reasons}.',
    means:
      'All {count} sources were asked. What was synced before is still there and checked; it may be out of date.',
    remedy: 'Look at the reasons; use another relay.',
    help: 'sync',
  },
  E_STALE_SOURCE: {
    happened: 'The source serves an old checkpoint of {have} entries; {need} are known here.',
    means: 'It is behind or withholds the newest entries. Its checkpoint was not used.',
    remedy: 'Nothing is needed: others are asked.',
    help: 'sync',
  },
  E_FORK: {
    happened: 'Two checkpoints, each signed by a quorum, cannot both be true (sizes {first} and {second}).',
    means:
      'At least {faulty} authorities have signed two histories: {names}. Nothing newer is accepted here.',
    remedy:
      '{usable}. Trust nothing else until people have found out what happened. Both checkpoints were kept.',
    help: 'split-view',
  },
  E_ANCHOR_AGED: {
    happened: 'This log was last seen {seen}: too long ago to learn from {have} source(s) what came after.',
    means:
      'Keys that authorities have given up since may be in other hands. {need} sources that agree are needed; until then nothing newer is accepted, and what was checked before stays usable.',
    remedy:
      'Add relays or mirrors that others run, so that {need} can be compared. Or begin anew: delete what is stored here and compare the network id.',
    help: 'long-absence',
  },
  E_REPLAY_ROOT: {
    happened: 'The {size} entries do not give the root of the checkpoint.',
    means: 'The source sent other entries than those the authorities signed. They were thrown away.',
    remedy: 'Nothing is needed: others are asked.',
    help: 'sync',
  },
  E_REPLAY_STORED: {
    happened: 'The stored log does not give the root of its checkpoint any more.',
    means: 'The stored entries were damaged. They are fetched again.',
    remedy: 'Nothing is needed.',
    help: 'sync',
  },
} as const satisfies Messages;
