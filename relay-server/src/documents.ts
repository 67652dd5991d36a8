import { toBase64 } from '@assay/core/encoding/base64.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { toWire } from '@assay/core/errors/assay-error.ts';
import { toTlogPolicy } from '@assay/core/log/policy.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { StreamCounter } from './http/event-stream.ts';
import type { AuthorityReport } from './mirror/authority-statuses.ts';
import type { Mirror } from './mirror/mirror.ts';
import { peerIdOf, type AuthorityLink } from './network/authority-link.ts';
import type { RelayLibp2p } from './network/libp2p-node.ts';
import { isEveryInterface } from './network/public-addresses.ts';
import type { RelayConfig } from './settings/relay-config.ts';

/** Most addresses of one relay that clients read. A machine with many interfaces should be told what to announce. */
const MAX_ADDRESSES = 16;

/** What a newcomer needs to join: `/network.json`. Whoever pins the genesis record need not believe the rest. */
export function networkDocument(
  base: string,
  from: {
    readonly trust: NetworkTrust;
    readonly libp2p: RelayLibp2p;
    readonly config: RelayConfig;
    /** To the authorities, as far as the relay knows where they are. */
    readonly links: readonly Pick<AuthorityLink, 'name' | 'addresses'>[];
    readonly stun: { readonly host: string; readonly port: number };
  },
): unknown {
  const { trust, libp2p, config, links, stun } = from;
  const stunHost = isEveryInterface(stun.host) ? new URL(base).hostname : stun.host;
  return {
    networkId: toHex(trust.networkId),
    origin: trust.genesis.origin,
    genesis: toBase64(trust.genesisBytes),
    relays: [
      {
        peerId: libp2p.peerId.toString(),
        addresses: libp2p.getMultiaddrs().slice(0, MAX_ADDRESSES).map(String),
        stun: config.stun ?? [`stun:${stunHost}:${stun.port}`],
      },
    ],
    mirrors: [base, ...(config.mirrors ?? [])],
    epoch: trust.current.epoch,
    policy: toTlogPolicy(trust.current.policy),
    authorities: trust.current.authorities.map(({ name, peerKey }) => ({
      name,
      peerId: peerIdOf(peerKey).toString(),
      peerKey: toHex(peerKey),
      addresses: links.find((known) => known.name === name)?.addresses ?? [],
    })),
  };
}

/** How the relay and the authorities are, as the relay sees it: `/status.json`. Information, never part of a verdict. */
export async function statusDocument(from: {
  readonly libp2p: RelayLibp2p;
  readonly mirror: Mirror;
  readonly counter: StreamCounter;
  readonly authorities: readonly AuthorityReport[];
  /** Seconds since the start. */
  readonly uptime: number;
}): Promise<unknown> {
  const { libp2p, mirror, counter, authorities, uptime } = from;
  const { size, target, checkpoint, syncedAt, error } = mirror.node.state;
  const packs = (await mirror.node.storage()).filter(({ complete }) => complete);
  return {
    relay: {
      peerId: libp2p.peerId.toString(),
      size,
      target,
      freshAsOf: checkpoint?.freshAsOf,
      syncedAt,
      error: error && toWire(error),
      authoritiesReachable: authorities.filter(({ reachable }) => reachable).length,
      packs: {
        held: packs.length,
        bytes: packs.reduce((sum, { bytes }) => sum + bytes, 0),
        missing: mirror.packs.missing,
      },
      peers: libp2p.getPeers().length,
      eventStreams: counter.total,
      uptime,
    },
    authorities,
  };
}
