import type { Libp2p } from '@libp2p/interface';
import type { Clock } from '@assay/core/clock.ts';
import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { VerifiedNode } from '@assay/core/node/verified-node.ts';
import type { AuthoritySet } from '@assay/core/records/authority-set.ts';
import { decodeRecord } from '@assay/core/records/codec.ts';
import type { AuthorityAddRecord, AuthorityIdentity } from '@assay/core/records/types.ts';
import { AuthorityLink, peerIdOf, type AuthorityAddress } from './authority-link.ts';

/** Where a log tells how authorities are reached. */
type ReplayedLog = Pick<VerifiedNode, 'trust' | 'log'>;

/** The links to whoever is an authority now: begins with those of the settings and follows the log from epoch to epoch. */
export class AuthorityDirectory {
  readonly #libp2p: Libp2p;
  readonly #clock: Clock;
  /** Peer ids that may be dialed. */
  readonly #dialable: Set<string>;
  readonly #links: AuthorityLink[] = [];
  #epoch = 1;

  constructor(
    libp2p: Libp2p,
    clock: Clock,
    options: { readonly configured: readonly AuthorityAddress[]; readonly dialable: Set<string> },
  ) {
    this.#libp2p = libp2p;
    this.#clock = clock;
    this.#dialable = options.dialable;
    for (const address of options.configured) this.#add(address);
  }

  /** Changed in place as authorities come and go. */
  get links(): readonly AuthorityLink[] {
    return this.#links;
  }

  /** Takes over the newest set that the log knows: who left is dropped, who joined is found by the addresses in its record. */
  async follow({ trust, log }: ReplayedLog): Promise<void> {
    const { current, sets } = trust;
    if (current.epoch === this.#epoch || current.since > log.size) return;
    this.#epoch = current.epoch;
    const joined: AuthorityAddRecord[] = [];
    for (const set of sets.slice(1)) joined.push(...(await joinedWith(log, set)));
    const gone = this.#links.filter((link) => !current.authorities.some((one) => isOf(link, one)));
    for (const link of gone) this.#links.splice(this.#links.indexOf(link), 1);
    for (const [index, authority] of current.authorities.entries()) {
      const { name, peerKey } = authority;
      const known = this.#links.find((link) => isOf(link, authority));
      if (known !== undefined) known.index = index;
      const record = joined.findLast((one) => equalBytes(one.authority.peerKey, peerKey));
      if (known === undefined && record !== undefined)
        this.#add({ index, name, peerKey, addresses: record.addresses });
    }
    this.#links.sort((a, b) => a.index - b.index);
  }

  #add(address: AuthorityAddress): void {
    this.#dialable.add(peerIdOf(address.peerKey).toString());
    this.#links.push(new AuthorityLink(this.#libp2p, address, this.#clock));
  }
}

/** Those who entered with this set: their records end the epoch before it. */
async function joinedWith(log: ReplayedLog['log'], { since }: AuthoritySet): Promise<AuthorityAddRecord[]> {
  const state = unwrap(decodeRecord(unwrap(await log.entry(since - 1))));
  if (state.kind !== 'state') return [];
  const joined: AuthorityAddRecord[] = [];
  for await (const { bytes } of log.entries(state.prevSize, since - 1)) {
    const record = unwrap(decodeRecord(bytes));
    if (record.kind === 'authority-add') joined.push(record);
  }
  return joined;
}

function isOf(link: AuthorityLink, { name, peerKey }: AuthorityIdentity): boolean {
  return link.name === name && link.peerId.equals(peerIdOf(peerKey));
}
