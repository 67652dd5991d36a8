/** What an operator may set under `limits` in `config.json`. */
export interface AuthorityLimits {
  /** Requests one key may make at once, and how many a minute it gets back. */
  readonly requesterBurst: number;
  readonly requesterPerMinute: number;
  /** The same for all requesters together. */
  readonly totalBurst: number;
  readonly totalPerMinute: number;
  /** Package versions that may be under way or wait for it. */
  readonly queuedJobs: number;
  /** Package versions that are fetched at once. */
  readonly parallelFetches: number;
  /** After a quorum of equal attestations, how long the others are waited for, so that they are part of the evidence. */
  readonly graceMs: number;
  /** After this time without enough answers a job has failed. */
  readonly answerTimeoutMs: number;
  /** First pause before the registry is asked again; it doubles each time. */
  readonly retryDelayMs: number;
}

/**
 * The defaults. One person clicking through a page of packages never meets them; a thousand keys together cannot ask for more
 * than four packages a second.
 */
export const defaultLimits: AuthorityLimits = {
  requesterBurst: 60,
  requesterPerMinute: 30,
  totalBurst: 500,
  totalPerMinute: 240,
  queuedJobs: 512,
  parallelFetches: 3,
  graceMs: 1_500,
  answerTimeoutMs: 120_000,
  retryDelayMs: 500,
};

/** A request may be this much older or newer than now, in seconds: clocks differ, and queues are waited in. */
export const REQUEST_WINDOW_SECONDS = 300;
/** A request that another authority took in may be older: it passed the window there, and this authority was away perhaps. */
export const FORWARDED_WINDOW_SECONDS = 1_800;
/** Settled jobs stay known this long, so that whoever asked can read how they ended. */
export const SETTLED_JOB_SECONDS = 24 * 3600;
/** No more than this many settled jobs are remembered. */
export const MAX_SETTLED_JOBS = 1_000;
/** Requests that one job may answer. */
export const MAX_REQUESTS_PER_JOB = 64;
/** Requesters whose rate is remembered; beyond it those are forgotten that asked longest ago. */
export const MAX_KNOWN_REQUESTERS = 10_000;
/** Requests another authority may bring here at once, so that one of them cannot fill the queue, and how many a second it gets back. */
export const FORWARDED_BURST = 256;
export const FORWARDED_PER_SECOND = 4;
/** While a job is under way, its state is told to the other authorities this often, which also asks for what is missing. */
export const OFFER_INTERVAL_MS = 2_000;
