import type { Clock } from '@assay/core/clock.ts';
import type { Logger } from './consensus/consensus.ts';
import { TokenBucket } from './intake/token-bucket.ts';

/** Where an authority writes what its operator should know. */
export interface AuthorityLogger extends Logger {
  error(message: string): void;
}

/** Others can cause warnings and errors: at most this many are written at once, and as many a second from then on. */
const COMPLAINTS = { burst: 200, perSecond: 2 };
/** Others' words may stand in a message. */
const MAX_MESSAGE_CHARACTERS = 2_000;

/**
 * Writes one plain line per notice: time, level, message. Line breaks inside a message become spaces. Warnings and errors that
 * come too fast are counted instead of written.
 */
export function createLogger(
  write: (line: string) => void,
  clock: Pick<Clock, 'now' | 'elapsed'>,
): AuthorityLogger {
  const complaints = new TokenBucket(COMPLAINTS, clock.elapsed());
  let left = 0;
  const line = (level: string, message: string): void => {
    const time = new Date(clock.now() * 1000).toISOString().replace('.000', '');
    const text = message.replaceAll(/\s*[\r\n]+\s*/g, ' ').slice(0, MAX_MESSAGE_CHARACTERS);
    write(`${time} ${level.padEnd(5)} ${text}\n`);
  };
  const complain = (level: string, message: string): void => {
    if (complaints.take(clock.elapsed()) !== undefined) return void left++;
    if (left > 0) line('warn', `${left} warnings and errors were left out`);
    left = 0;
    line(level, message);
  };
  return {
    info: (message) => line('info', message),
    warn: (message) => complain('warn', message),
    error: (message) => complain('error', message),
  };
}
