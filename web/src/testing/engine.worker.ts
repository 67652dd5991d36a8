import type { Fetch } from '@assay/core/net/http-chunks.ts';
import { PortCaller } from '../lib/rpc/caller.ts';
import { portOf } from '../lib/rpc/procedures.ts';
import { browserPlatform } from '../workers/engine/browser-platform.ts';
import { startEngine, type EnginePorts } from '../workers/engine/start-engine.ts';
import type { HttpProcedures } from './fake-relay.ts';

/** The engine as it is, but for HTTP, which goes through a port to the fake relay of the test. */
export interface TestPorts {
  readonly http: MessagePort;
}

let http: PortCaller<HttpProcedures>;

addEventListener('message', ({ data }: MessageEvent<TestPorts | EnginePorts>) => {
  if ('http' in data) http = new PortCaller(portOf(data.http));
  else void start(data);
});

async function start(ports: EnginePorts): Promise<void> {
  const platform = await browserPlatform(ports.peers);
  const { clock } = platform;
  await startEngine(ports, {
    ...platform,
    http: { fetch: fetchThroughPort, clock, timeoutMs: 3_000 },
    openEvents: () => undefined,
  });
}

const fetchThroughPort: Fetch = async (url, init = {}) => {
  const { signal, body, method = 'GET', headers } = init;
  const range = new Headers(headers).get('range');
  const sent = body instanceof Uint8Array ? body : undefined;
  const input = { url, method, range, body: sent };
  const answer = await http.call('fetch', input, signal == null ? {} : { signal });
  return new Response(answer.body as Uint8Array<ArrayBuffer>, answer);
};
