import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { decodeRecord } from '@assay/core/records/codec.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { addressesInLog } from './addresses.ts';
import type { Consensus, FinalBatch } from './consensus/consensus.ts';
import { eraOf, type Eras } from './era.ts';
import type { KeyRing } from './key-ring.ts';
import type { AuthorityLogger } from './logger.ts';

export interface EpochsOptions {
  readonly ring: KeyRing;
  readonly eras: Eras;
  readonly consensus: Pick<Consensus, 'trust' | 'status' | 'logStore' | 'onEpoch' | 'onFinal'>;
  readonly logger: AuthorityLogger;
  /** Where authorities that joined later are reached, by name; filled in here. */
  readonly addresses: Map<string, readonly string[]>;
  /** Called after every change of the set, and at the start. */
  readonly onEpoch: () => void;
}

/**
 * Takes the services of an authority from one epoch to the next once its hand-off is final, and erases the keys that no epoch
 * needs any more.
 */
export class Epochs {
  readonly #options: EpochsOptions;
  #erasing: Promise<void> = Promise.resolve();
  #stopHearing = (): void => undefined;

  constructor(options: EpochsOptions) {
    this.#options = options;
  }

  /** Goes to the newest epoch that is final. Consensus must have started. */
  async start(): Promise<void> {
    const { consensus, addresses } = this.#options;
    const known = await addressesInLog(consensus.logStore, consensus.status().size, consensus.trust);
    for (const [name, list] of known) addresses.set(name, list);
    const stops = [
      consensus.onFinal((final) => this.#noteAddresses(final)),
      consensus.onEpoch((set, trust) => {
        // Until the hand-off is final the epoch before still cosigns.
        if (trust.current.epoch === set.epoch) this.#enter(trust);
      }),
    ];
    this.#stopHearing = () => stops.forEach((stop) => stop());
    this.#enter(consensus.trust);
  }

  /** Waits until what is being erased is erased. */
  async stop(): Promise<void> {
    this.#stopHearing();
    await this.#erasing;
  }

  #enter(trust: NetworkTrust): void {
    const { ring, eras, logger, onEpoch } = this.#options;
    const before = eras.current;
    const era = eraOf(trust, ring);
    eras.begin(era);
    onEpoch();
    const { epoch, authorities } = trust.current;
    if (epoch > before.trust.current.epoch) {
      const names = authorities.map(({ name }) => name).join(', ');
      logger.info(`epoch ${epoch} has begun: the authorities are ${names}`);
      if (era.me === undefined && before.me !== undefined) {
        logger.info('this node is not an authority any more: it follows and serves the log');
      }
    }
    const hasSigned = (voteKey: Uint8Array): boolean =>
      trust.sets.some((set) => set.authorities.some((member) => equalBytes(member.voteKey, voteKey)));
    const own = era.me === undefined ? undefined : authorities[era.me];
    this.#erasing = this.#erasing
      .then(() => ring.settle(epoch, own, hasSigned))
      .catch((error: unknown) => logger.error(`old keys could not be erased: ${String(error)}`));
  }

  #noteAddresses({ entries }: FinalBatch): void {
    for (const { bytes } of entries) {
      const record = decodeRecord(bytes);
      if (!record.ok || record.value.kind !== 'authority-add') continue;
      this.#options.addresses.set(record.value.authority.name, record.value.addresses);
    }
  }
}
