import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { int, shape } from '@assay/core/encoding/cbor-shape.ts';
import { keepJson, readKeptJson } from './kept-json.ts';
import type { RelayConfig } from './relay-config.ts';

const FILE = 'ports.json';
const port = int({ min: 1, max: 65_535 });
const readPorts = shape({ http: port, ws: port, tcp: port, webrtcDirect: port, stun: port });

/** Where the relay listens. */
export interface Ports {
  readonly http: number;
  readonly ws: number;
  readonly tcp: number;
  /** UDP. */
  readonly webrtcDirect: number;
  /** UDP. */
  readonly stun: number;
}

/** Where the relay listens unless told otherwise. */
export const DEFAULT_HOST = '127.0.0.1';

/**
 * The configured ports; where none is configured, those of the last run while they are free, else any. Keeps them for the
 * next run, so that addresses that others remember stay good.
 */
export async function choosePorts(dataDir: string, { http, listen = {} }: RelayConfig): Promise<Ports> {
  const file = join(dataDir, FILE);
  const kept = await readKeptJson(file, readPorts);
  const host = listen.host ?? DEFAULT_HOST;
  const ports: Ports = {
    http: http.port || (await freePort('tcp', http.host, kept?.http)),
    ws: listen.ws || (await freePort('tcp', host, kept?.ws)),
    tcp: listen.tcp || (await freePort('tcp', host, kept?.tcp)),
    webrtcDirect: listen.webrtcDirect || (await freePort('udp', host, kept?.webrtcDirect)),
    stun: listen.stun || (await freePort('udp', host, kept?.stun)),
  };
  await keepJson(file, ports);
  return ports;
}

async function freePort(kind: 'tcp' | 'udp', host: string, preferred: number | undefined): Promise<number> {
  const bind = kind === 'tcp' ? bindTcp : bindUdp;
  return (preferred !== undefined && (await bind(host, preferred))) || ((await bind(host, 0)) ?? 0);
}

/** Binds for a moment and gives the port; undefined when it is taken. */
function bindTcp(host: string, wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(wanted, host, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(bound));
    });
  });
}

function bindUdp(host: string, wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => resolve(undefined));
    socket.bind(wanted, host, () => {
      const bound = socket.address().port;
      socket.close(() => resolve(bound));
    });
  });
}
