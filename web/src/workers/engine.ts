import { browserPlatform } from './engine/browser-platform.ts';
import { startEngine, type EnginePorts } from './engine/start-engine.ts';

addEventListener(
  'message',
  async ({ data }: MessageEvent<EnginePorts>) => startEngine(data, await browserPlatform(data.peers)),
  { once: true },
);
