import type { BucketLimits } from '../limits/token-buckets.ts';

/** Peers connected at a time, a few dozen kilobytes each. */
export const MAX_CONNECTIONS = 2_000;
/** New connections per second from one address: a household that opens its browsers, or a machine that runs tests. */
export const CONNECTIONS_PER_SECOND_AND_ADDRESS = 100;
/** Handshakes under way at a time. */
export const MAX_PENDING_CONNECTIONS = 100;
/** Streams of one protocol that one peer may have open with us. */
export const MAX_STREAMS_PER_PEER = 32;

/** Peers that may be reached through this relay; libp2p's own default is 15. */
export const MAX_RESERVATIONS = 1_000;
/** Bytes one relayed connection may carry: WebRTC signalling takes a few kilobytes, nobody's artifacts go this way. */
export const RELAYED_BYTES = 128n * 1024n;
/** How long one relayed connection may last: an attempt to connect directly takes seconds. */
export const RELAYED_MS = 2 * 60 * 1000;

/** No checkpoint of 100 authorities is longer. */
export const MAX_GOSSIP_BYTES = 64 * 1024;

/** Streams that one peer may open: a tab asks for a few blocks at a time on a handful of streams. */
export const STREAM_LIMITS: BucketLimits = { burst: 500, perSecond: 50 };
