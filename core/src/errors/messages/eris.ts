import type { Messages } from '../message.ts';

/** ERIS: capabilities, blocks, trees and packs. */
export const erisMessages = {
  E_ERIS_CAPABILITY: {
    happened: 'These {length} bytes are not an ERIS read capability.',
    means: 'A read capability is 66 bytes that begin with a known block size.',
    remedy: 'Check that it was copied whole.',
    help: 'eris-capability',
  },
  E_ERIS_URN: {
    happened: 'The text is not {expected} in its one accepted form.',
    means: 'The same content has exactly one accepted name, so that nobody can pass it off as another.',
    remedy:
      'Check that it was copied whole: upper-case letters and digits after the last colon, nothing behind.',
    help: 'eris-capability',
  },
  E_ERIS_LEVEL: {
    happened: 'The ERIS tree claims {level} levels; at most {limit} are accepted.',
    means: 'So tall a tree would unfold to more bytes than any artifact has.',
    remedy: 'Do not use this capability.',
    help: 'limits',
  },
  E_ERIS_TOO_LARGE: {
    happened: 'The content has {size} bytes; at most {limit} are accepted here.',
    means: 'It was not read, so that nobody can fill the memory of this program.',
    remedy: 'Raise the limit, if you expected content of this size.',
    help: 'limits',
  },
  E_ERIS_SIZE: {
    happened: 'The content has {have} bytes, where {want} were announced.',
    means: 'The size and the capability do not belong together.',
    remedy: 'Do not use these bytes.',
    help: 'eris-tree',
  },
  E_ERIS_SHAPE: {
    happened: 'The ERIS tree is malformed: {problem}.',
    means: 'No correct encoder made this tree; the capability itself leads to damaged content.',
    remedy: 'Do not use this capability. Another source cannot help.',
    help: 'eris-tree',
  },
  E_ERIS_KEY: {
    happened: 'A block of the ERIS tree, {level} levels above the content, does not match its key.',
    means: 'The key or the level in the capability is wrong, or no correct encoder made this tree.',
    remedy: 'Do not use this capability. Another source cannot help.',
    help: 'eris-tree',
  },
  E_ERIS_PADDING: {
    happened: 'The last block of the content is not padded as ERIS demands.',
    means: 'The key is wrong, or no correct encoder made this tree.',
    remedy: 'Do not use this capability. Another source cannot help.',
    help: 'eris-tree',
  },
  E_ERIS_BLOCK_MISSING: {
    happened: 'The block {reference} is not there.',
    means: 'The content cannot be read whole from this source.',
    remedy: 'Fetch it from another source.',
    help: 'blocks',
  },
  E_ERIS_BLOCK_LENGTH: {
    happened: 'A block of {have} bytes came for {reference}, where {want} were expected.',
    means: 'The source is damaged or lies.',
    remedy: 'Fetch it from another source.',
    help: 'blocks',
  },
  E_ERIS_BLOCK_HASH: {
    happened: 'The block that came for {reference} is another one.',
    means: 'The source is damaged or lies.',
    remedy: 'Fetch it from another source.',
    help: 'blocks',
  },
  E_ERIS_BLOCK_UNKNOWN: {
    happened: 'Nothing is known yet about block {index} of the pack; {known} blocks are.',
    means: 'It came before the nodes that name it, or the pack has fewer blocks.',
    remedy: 'Ask for it again when it is known.',
    help: 'blocks',
  },
  E_ERIS_CONTENT_CHANGED: {
    happened: 'The content changed while its pack was written.',
    means: 'The pack would not match its capability.',
    remedy: 'Try again when nothing writes to the content.',
    help: 'blocks',
  },
} as const satisfies Messages;
