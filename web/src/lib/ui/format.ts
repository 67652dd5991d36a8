/** Narrow no-break space: groups digits as in `12 480` without ever breaking the line. */
const THIN = '\u202f';

/** A count with its digits in groups of three: `12 480`. */
export function formatCount(count: number): string {
  return String(Math.trunc(count)).replaceAll(/\B(?=(?:\d{3})+$)/g, THIN);
}

/** A count with its noun: `1 record`, `12 480 records`. */
export function formatAmount(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

const byteUnits = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const;

/** Bytes in decimal units, one decimal from MB on: `731 KB`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return formatAmount(bytes, 'byte');
  const text = unit === 1 ? formatCount(Math.max(1, Math.round(value))) : value.toFixed(1);
  return `${text} ${byteUnits[unit]}`;
}

/** Time spent computing, from microseconds to seconds: `0.3 ms`, `19 ms`, `1.4 s`. */
export function formatMilliseconds(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms >= 10 ? Math.round(ms) : ms.toFixed(1)} ms`;
}

const ageUnits = [
  { seconds: 86_400, short: 'd' },
  { seconds: 3600, short: 'h' },
  { seconds: 60, short: 'min' },
  { seconds: 1, short: 's' },
] as const;

/** How long ago a moment was, both in Unix seconds: `8 s ago`, `2 h ago`, `just now`. */
export function formatAge(moment: number, now: number): string {
  const seconds = Math.max(0, Math.floor(now - moment));
  const unit = ageUnits.find((candidate) => seconds >= candidate.seconds);
  return unit === undefined ? 'just now' : `${Math.floor(seconds / unit.seconds)} ${unit.short} ago`;
}

const dateFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const momentFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'long' });

/** A day: `14 Nov 2026`. Takes Unix seconds. */
export function formatDate(moment: number): string {
  return dateFormat.format(moment * 1000);
}

/** A moment in full, for titles. Takes Unix seconds. */
export function formatMoment(moment: number): string {
  return momentFormat.format(moment * 1000);
}

const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = 86_400;

/** A moment as people say it: `14:05` within a day of `now`, else with its day. Both in Unix seconds. */
export function formatClock(moment: number, now: number): string {
  const time = clockFormat.format(moment * 1000);
  return Math.abs(now - moment) < DAY ? time : `${time} on ${formatDate(moment)}`;
}

/** Names in a row, no more of them than `most`: `Ayla, Borneo and 12 more`. */
export function formatNames(names: readonly string[], most = 6): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${formatCount(names.length - most)} more`;
}

/** Hex digits in groups of four, for reference only: nobody should have to compare them by eye. */
export function groupDigits(hex: string): string {
  return hex.replaceAll(/.{4}(?=.)/g, '$& ');
}

/** Beginning and end of a digest: `9f86 d081 … 0a08`. */
export function abbreviateDigest(hex: string): string {
  return hex.length <= 20 ? groupDigits(hex) : `${groupDigits(hex.slice(0, 8))} … ${hex.slice(-4)}`;
}
