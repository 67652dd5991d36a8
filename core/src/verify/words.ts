const THIN_SPACE = '\u2009';

const UNITS = [
  { name: 'year', seconds: 365 * 24 * 60 * 60, from: 2 * 365 * 24 * 60 * 60 },
  { name: 'month', seconds: 30 * 24 * 60 * 60, from: 60 * 24 * 60 * 60 },
  { name: 'day', seconds: 24 * 60 * 60, from: 48 * 60 * 60 },
  { name: 'hour', seconds: 60 * 60, from: 60 * 60 },
  { name: 'minute', seconds: 60, from: 60 },
  { name: 'second', seconds: 1, from: 0 },
] as const;

/** A whole number with its digits in groups of three: `731 204`. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, THIN_SPACE);
}

/** A number and its noun: `1 hash`, `14 hashes`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** How long ago: `12 seconds ago`, `3 days ago`. */
export function ago(seconds: number): string {
  const unit = UNITS.find(({ from }) => seconds >= from) ?? UNITS[5];
  return `${counted(Math.floor(seconds / unit.seconds), unit.name)} ago`;
}
