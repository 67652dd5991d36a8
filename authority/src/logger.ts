import type { Logger } from './consensus/consensus.ts';

/** Where an authority writes what its operator should know. */
export interface AuthorityLogger extends Logger {
  error(message: string): void;
}

/** Writes one plain line per notice: time, level, message. Line breaks inside a message become spaces. */
export function createLogger(write: (line: string) => void, now: () => Date): AuthorityLogger {
  const line =
    (level: string) =>
    (message: string): void =>
      write(`${now().toISOString()} ${level} ${message.replaceAll(/\s*[\r\n]+\s*/g, ' ')}\n`);
  return { info: line('info '), warn: line('warn '), error: line('error') };
}
