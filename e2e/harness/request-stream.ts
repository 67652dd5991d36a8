import { createClock } from '@assay/core/clock.ts';
import { signEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { createHttpMirror } from '@assay/core/net/http-mirror.ts';
import { isSettled } from '@assay/core/net/request-progress.ts';
import { signRequest } from '@assay/core/net/signed-request.ts';
import type { FakeRegistry } from './fake-registry.ts';
import { smallRelease } from './fake-registry.ts';
import type { Network } from './network.ts';

const clock = createClock(globalThis);
/** As one person would ask: the machine is needed for the authorities. */
const PAUSE_MS = 400;
const SEED = new Uint8Array(32).fill(3);

/** Requests one package after the other over the relay until it is told to stop. */
export class RequestStream {
  readonly inLog: string[] = [];
  readonly failed: string[] = [];
  readonly #network: Network;
  readonly #registry: FakeRegistry;
  readonly #running: Promise<void>;
  #stopped = false;

  constructor(network: Network, registry: FakeRegistry) {
    this.#network = network;
    this.#registry = registry;
    this.#running = this.#run();
  }

  /** Lets the request that is under way end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let number = 0; !this.#stopped; number++) {
      const name = `streamed-${number}`;
      this.#registry.publish(smallRelease(name));
      const purl = `pkg:npm/${name}@1.0.0`;
      const list = (await this.#settle(purl)) ? this.inLog : this.failed;
      list.push(purl);
      await clock.sleep(PAUSE_MS);
    }
  }

  /** Asks until an authority takes it and follows it to its end; a follower that is cut off asks again, as any client does. */
  async #settle(purl: string): Promise<boolean> {
    const relay = createHttpMirror({ baseUrl: this.#network.url, fetch, clock, timeoutMs: 15_000 });
    const { networkId } = await this.#network.trust();
    const requester = publicKeyFromSeed(SEED);
    const deadline = clock.elapsed() + 60_000;
    while (clock.elapsed() < deadline) {
      try {
        const request = await signRequest({ networkId, purl, at: clock.now(), requester }, (message) =>
          signEd25519Node(message, SEED),
        );
        const first = await relay.submit(request);
        if (isSettled(first)) return first.state === 'in-log';
        for await (const progress of relay.follow(first.id)) {
          if (isSettled(progress)) return progress.state === 'in-log';
        }
      } catch {
        await clock.sleep(500);
      }
    }
    return false;
  }
}
