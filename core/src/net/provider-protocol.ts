import type { Stream } from '@libp2p/interface';
import type { Clock } from '../clock.ts';
import { arrayOf, bytes, decodeWith, int, literal, shape, text, variant } from '../encoding/cbor-shape.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { maxFrameBytes } from '../protocols.ts';
import { FrameClient, type OpenStream } from './frame-client.ts';
import type { Provider, ProviderTable } from './provider-table.ts';
import { serveFrames } from './serve-frames.ts';

/** Most roots in one announcement; a node that holds more sends several. */
export const MAX_ROOTS_PER_ANNOUNCEMENT = 256;
/** Most addresses that are kept of one provider. */
export const MAX_ADDRESSES = 16;
const MAX_ADDRESS_BYTES = 256;
const MAX_PROVIDERS = 32;
const TIMEOUT_MS = 10_000;

const root = bytes({ length: 32 });
const roots = arrayOf(root, { max: MAX_ROOTS_PER_ANNOUNCEMENT });
const addresses = arrayOf(text({ maxBytes: MAX_ADDRESS_BYTES }), { max: MAX_ADDRESSES });

const readRequest = variant('kind', {
  announce: shape({ kind: literal('announce'), roots, addresses }),
  withdraw: shape({ kind: literal('withdraw'), roots }),
  lookup: shape({ kind: literal('lookup'), root }),
});
const readNoted = shape({ noted: int({ min: 0 }) });
const readFound = shape({
  providers: arrayOf(shape({ peerId: text({ maxBytes: 128 }), addresses }), { max: MAX_PROVIDERS }),
});

/**
 * Answers one stream of `/assay/providers/1`. `peerId` is the authenticated other end: nobody can announce for another. An
 * address must end in that peer id.
 */
export function serveProviders(
  stream: Stream,
  options: { table: ProviderTable; peerId: string; clock: Clock },
): Promise<void> {
  const { table, peerId } = options;
  return serveFrames(
    stream,
    async function* (frame) {
      const request = unwrap(decodeWith(frame, readRequest));
      switch (request.kind) {
        case 'announce': {
          const own = request.addresses.filter((address) => address.endsWith(`/p2p/${peerId}`));
          yield { noted: table.announce(peerId, own, request.roots) };
          return;
        }
        case 'withdraw':
          table.withdraw(peerId, request.roots);
          yield { noted: 0 };
          return;
        case 'lookup':
          yield {
            providers: table
              .lookup(request.root, peerId)
              .slice(0, MAX_PROVIDERS)
              .map((provider) => ({ peerId: provider.peerId, addresses: [...provider.addresses] })),
          };
          return;
        default:
          request satisfies never;
      }
    },
    options,
  );
}

/** Tells a relay what this node holds, and asks it who else does. All rejections are AssayErrors. */
export interface ProviderClient {
  readonly id: string;
  /** Announces in pieces of MAX_ROOTS_PER_ANNOUNCEMENT; gives how many roots the relay noted. */
  announce(roots: readonly Uint8Array[], addresses: readonly string[], signal?: AbortSignal): Promise<number>;
  withdraw(roots: readonly Uint8Array[], signal?: AbortSignal): Promise<void>;
  lookup(root: Uint8Array, signal?: AbortSignal): Promise<readonly Provider[]>;
}

/** A ProviderClient over `/assay/providers/1` to one relay. */
export function createProviderClient(options: {
  id: string;
  open: OpenStream;
  clock: Clock;
}): ProviderClient {
  const client = new FrameClient({
    ...options,
    timeoutMs: TIMEOUT_MS,
    maxFrameBytes: maxFrameBytes.providers,
    maxBufferedBytes: maxFrameBytes.providers + 4,
  });
  return {
    id: options.id,
    async announce(all, own, signal) {
      if (own.length > MAX_ADDRESSES) throw new AssayError('E_PROTOCOL', { reason: 'too many addresses' });
      let noted = 0;
      for (const part of pieces(all)) {
        const request = { kind: 'announce', roots: part, addresses: [...own] };
        noted += unwrap(decodeWith(await client.ask(request, signal), readNoted)).noted;
      }
      return noted;
    },
    async withdraw(all, signal) {
      for (const part of pieces(all)) {
        unwrap(decodeWith(await client.ask({ kind: 'withdraw', roots: part }, signal), readNoted));
      }
    },
    async lookup(wanted, signal) {
      const answer = await client.ask({ kind: 'lookup', root: wanted }, signal);
      return unwrap(decodeWith(answer, readFound)).providers;
    },
  };
}

function pieces(all: readonly Uint8Array[]): Uint8Array[][] {
  const cut: Uint8Array[][] = [];
  for (let i = 0; i < all.length; i += MAX_ROOTS_PER_ANNOUNCEMENT) {
    cut.push(all.slice(i, i + MAX_ROOTS_PER_ANNOUNCEMENT));
  }
  return cut;
}
