/** Most bytes of transactions in one consensus block: four of the largest, and a vote's wait stays short on slow links. */
export const MAX_BLOCK_BYTES = 1024 * 1024;

/** Most transactions in one consensus block: their records then fill at most one entry bundle. */
export const MAX_BLOCK_TRANSACTIONS = 255;

/** Most consensus blocks in one answer to a node that catches up. */
export const MAX_FINAL_BLOCKS = 256;

/** Most bytes of transactions in one such answer, beyond its first block: two blocks and their proofs fit a frame of 4 MiB. */
export const MAX_FINAL_BYTES = 1024 * 1024;

/** Most headers between the last block of such an answer and the block its proof names: about 400 bytes each. */
export const MAX_PATH_HEADERS = 1024;

/** Most such headers stored with a block: beside the largest body they fit what `decodeStored` reads. */
export const MAX_STORED_PATH = 6 * 1024;

/** Most certificates asked for, or answered, at a time. */
export const MAX_CERTIFICATE_RANGE = 64;

/** Votes are kept for views at most this far ahead; whoever is further behind learns the way from certificates. */
export const VIEW_WINDOW = 64;

/** Proposals hold bodies, so they are kept for fewer views ahead than votes. */
export const PROPOSAL_WINDOW = 4;

/** Most transactions that wait. Each carries a quorum of attestations, so a minority cannot fill this with noise. */
export const MAX_PENDING_TRANSACTIONS = 1024;

/** Most bytes of waiting transactions. */
export const MAX_PENDING_BYTES = 32 * 1024 * 1024;

/** Most pieces of evidence kept against one authority in one epoch: one convicts, the rest is noise. */
export const MAX_EVIDENCE_PER_SIGNER = 8;

/** How far a block's time may be ahead of a voter's clock, in seconds. */
export const MAX_CLOCK_AHEAD_SECONDS = 10;

/** Sizes for which cosignatures are collected at a time, per signer: more than a checkpoint is ever behind. */
export const MAX_COSIGNED_SIZES = 16;

/** Answers one peer gets in a burst, and per second after it. */
export const ANSWER_BURST = 64;

/**
 * What a run of final blocks counts as: it is read and decoded while nothing else goes on, up to two megabytes. Four a second are
 * a thousand blocks.
 */
export const FINAL_RUN_COST = 16;

/** Peers that anything is remembered of: the largest set twice over, with room for candidates and former members. */
export const MAX_PEERS = 256;
