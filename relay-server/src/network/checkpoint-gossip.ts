import type { Message } from '@libp2p/gossipsub';
import { TopicValidatorResult } from '@libp2p/gossipsub';
import type { VerifyEd25519Async } from '@assay/core/crypto/ed25519.ts';
import { verifyNetworkCheckpoint } from '@assay/core/records/network-checkpoint.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { RelayLibp2p } from './libp2p-node.ts';

export interface CheckpointGossipOptions {
  readonly libp2p: RelayLibp2p;
  /** Who the authorities are, right now. */
  readonly trust: () => NetworkTrust;
  readonly topic: string;
  readonly verifySignature: VerifyEd25519Async;
  /** Size of the newest checkpoint known here; smaller ones are not passed on. */
  readonly size: () => number;
  /** Called when somebody gossips a quorum checkpoint of a larger log. */
  readonly onNewer: () => void;
}

/** Tells peers of new checkpoints: the signed note, as it is, is the message. Only notes that a quorum signed are passed on. */
export class CheckpointGossip {
  readonly #options: CheckpointGossipOptions;

  constructor(options: CheckpointGossipOptions) {
    this.#options = options;
    const { libp2p, topic } = options;
    libp2p.services.pubsub.topicValidators.set(topic, (_peer, message) => this.#judge(message));
    libp2p.services.pubsub.subscribe(topic);
  }

  /** Announces a verified checkpoint. Never rejects: whoever does not hear it asks sooner or later. */
  async announce(note: Uint8Array): Promise<void> {
    const { libp2p, topic } = this.#options;
    await libp2p.services.pubsub.publish(topic, note).catch(() => undefined);
  }

  async #judge({ data }: Message): Promise<TopicValidatorResult> {
    const { trust, verifySignature, size, onNewer } = this.#options;
    const checked = await verifyNetworkCheckpoint(data, trust(), verifySignature);
    // Authorities of an epoch that is not known here yet may have signed it: no reason to blame whoever passes it on.
    if (!checked.ok)
      return checked.error.code === 'E_QUORUM' ? TopicValidatorResult.Ignore : TopicValidatorResult.Reject;
    if (checked.value.size < size()) return TopicValidatorResult.Ignore;
    if (checked.value.size > size()) onNewer();
    return TopicValidatorResult.Accept;
  }
}
