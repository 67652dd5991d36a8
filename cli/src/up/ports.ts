import { createServer } from 'node:net';

/** Loopback only: a local network is nobody else's business. */
export const LOOPBACK = '127.0.0.1';

/** Gives `preferred` when it can be listened on now, else a port the system picks. */
export async function freeTcpPort(preferred?: number): Promise<number> {
  const kept = preferred === undefined ? undefined : await bindForAMoment(preferred);
  const port = kept ?? (await bindForAMoment(0));
  if (port === undefined) throw new Error('the system has no free port');
  return port;
}

/** The port that was bound; undefined when it is taken. */
export function bindForAMoment(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
