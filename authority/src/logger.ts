import type { Clock } from '@assay/core/clock.ts';
import type { Logger } from './consensus/consensus.ts';
import { TokenBucket } from './intake/token-bucket.ts';

/** Where an authority writes what its operator should know. */
export interface AuthorityLogger extends Logger {
  error(message: string): void;
}

/** Others can cause warnings: at most this many are written at once, and as many a second from then on. */
const WARNINGS = { burst: 200, perSecond: 2 };
/** Others' words may stand in a message. */
const MAX_MESSAGE_CHARACTERS = 2_000;

/**
 * Writes one plain line per notice: time, level, message. Line breaks inside a message become spaces. Warnings that come too fast
 * are counted instead of written.
 */
export function createLogger(
  write: (line: string) => void,
  clock: Pick<Clock, 'now' | 'elapsed'>,
): AuthorityLogger {
  const warnings = new TokenBucket(WARNINGS, clock.elapsed());
  let left = 0;
  const line = (level: string, message: string): void => {
    const time = new Date(clock.now() * 1000).toISOString().replace('.000', '');
    const text = message.replaceAll(/\s*[\r\n]+\s*/g, ' ').slice(0, MAX_MESSAGE_CHARACTERS);
    write(`${time} ${level.padEnd(5)} ${text}\n`);
  };
  return {
    info: (message) => line('info', message),
    warn(message) {
      if (warnings.take(clock.elapsed()) !== undefined) return void left++;
      if (left > 0) line('warn', `${left} warnings were left out`);
      left = 0;
      line('warn', message);
    },
    error: (message) => line('error', message),
  };
}
