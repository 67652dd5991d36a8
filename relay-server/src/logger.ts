/** Where the relay writes what its operator should know. */
export type Log = (message: string) => void;

/** Writes one line per notice, with its time. Line breaks inside a message become spaces. */
export function createLog(write: (line: string) => void, now: () => Date): Log {
  return (message) => write(`${now().toISOString()} ${message.replaceAll(/\s*[\r\n]+\s*/g, ' ')}\n`);
}
