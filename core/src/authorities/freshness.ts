const HOUR = 60 * 60;
/** As in `core/verify`, which this file leaves out of what pages load. */
export const STALE_AFTER_SECONDS = 24 * HOUR;

/** How new the newest checkpoint is that a quorum signed. */
export interface Freshness {
  /** Unix seconds: the (f+1)-th newest cosignature, so that at least one honest clock says so. */
  readonly asOf: number;
  /** Seconds since then. */
  readonly age: number;
  /** Members of the set that cosigned it within the last hour, as far as the checkpoint shows: it carries a quorum, not everybody. */
  readonly signedInLastHour: number;
  readonly members: number;
  /** Older than a day: there may be newer records that nobody has shown to this client. */
  readonly isStale: boolean;
}

/** Judges the freshness of a verified checkpoint. All times are Unix seconds. */
export function freshnessOf(
  checkpoint: { readonly freshAsOf: number; readonly cosigners: readonly { readonly time: number }[] },
  members: number,
  now: number,
): Freshness {
  const age = Math.max(0, now - checkpoint.freshAsOf);
  return {
    asOf: checkpoint.freshAsOf,
    age,
    signedInLastHour: checkpoint.cosigners.filter(({ time }) => now - time <= HOUR).length,
    members,
    isStale: age > STALE_AFTER_SECONDS,
  };
}
