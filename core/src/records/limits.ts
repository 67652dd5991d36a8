/** Most authorities in a set: a checkpoint then carries 67 cosignatures and one log line, below the 100 lines that Go's note reader accepts. */
export const MAX_AUTHORITIES = 100;

/** Fewest authorities a change may leave: three are safe, though they halt with one of them; with fewer one alone would be a third. */
export const MIN_AUTHORITIES = 3;

/** Most addresses of one authority in a record. */
export const MAX_ADDRESSES = 4;

/** Longest address: a DNS name of 253 bytes does not fit with everything around it, every usual multiaddr does. */
export const MAX_ADDRESS_BYTES = 256;

/** Longest bitmap over an authority set. */
export const MAX_BITMAP_BYTES = Math.ceil(MAX_AUTHORITIES / 8);

/** Longest origin: it is repeated in every signature line. */
export const MAX_ORIGIN_BYTES = 128;

/** Longest authority name. */
export const MAX_AUTHORITY_NAME_BYTES = 32;

/** Most files of one package version. npm has one; the room is for ecosystems with several. */
export const MAX_ARTIFACTS = 64;

/** Longest file name on the file systems people save to. */
export const MAX_ARTIFACT_NAME_BYTES = 255;

/** Longest media type text. */
export const MAX_MEDIA_TYPE_BYTES = 127;

/** Largest encoded `about` part of a record, so that a hundred thousand records stay a small download. */
export const MAX_ABOUT_BYTES = 4096;

/** Most entries of one list or map inside `about`: never fewer than fit into `MAX_ABOUT_BYTES`. */
export const MAX_ABOUT_ITEMS = MAX_ABOUT_BYTES;

/** Largest transaction: 100 attestations of about 2 KiB each, with a margin. */
export const MAX_TRANSACTION_BYTES = 256 * 1024;

/** Largest candidate: an identity, four addresses and five signatures take 1.8 KiB. */
export const MAX_CANDIDATE_BYTES = 4 * 1024;

/** Most authorities that may change at once: f of the largest set. */
export const MAX_CHANGES = Math.floor((MAX_AUTHORITIES - 1) / 3);

/** Largest evidence of an equivocation: two signed statements, each at most a block header of 1 KiB and its votes. */
export const MAX_EQUIVOCATION_BYTES = 16 * 1024;

/** Most hashes of an inclusion proof: one for each bit of a safe integer. */
export const MAX_PROOF_HASHES = 53;

/** Latest moment a record may name, in unix seconds: the end of the year 9999, so that every time can be written as a date. */
export const MAX_TIME = 253_402_300_799;
