import type { EngineProcedures } from '../../lib/node/engine-procedures.ts';
import { portOf } from '../../lib/rpc/procedures.ts';
import { serve } from '../../lib/rpc/serve.ts';
import { engineHandlers } from './engine-handlers.ts';
import type { EnginePlatform } from './platform.ts';
import { TabEngine } from './tab-engine.ts';

/** The first message from the page: one port on which it calls the engine, one on which the engine calls it. */
export interface EnginePorts {
  readonly engine: MessagePort;
  readonly peers: MessagePort;
}

/** Starts the engine of a tab and answers the page's calls, from now on and while it is still opening. */
export async function startEngine(ports: EnginePorts, platform: EnginePlatform): Promise<void> {
  const engine = new TabEngine(platform);
  serve<EngineProcedures>(portOf(ports.engine), engineHandlers(engine, platform));
  await engine.start();
}
