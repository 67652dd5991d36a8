import type { Block, Hash } from '../src/consensus/block.ts';
import type { TreeHead } from '../src/consensus/cosignature.ts';
import type { Write } from '../src/consensus/events.ts';
import type { Ballot, VoteKind } from '../src/consensus/vote.ts';

/** What one disk durably holds, arranged for questions; it never forgets, so that settled things are found, too. */
export class DurableIndex {
  readonly #votes = new Set<string>();
  readonly #certificates = new Set<string>();
  readonly #certified = new Set<string>();
  readonly #blocks = new Map<Hash, Block>();
  readonly #finals = new Map<Hash, number>();
  /** The largest head cosigned. */
  cosignedSize = 0;
  /** Height of the last final block. */
  height = 0;
  /** The epoch after the last final block. */
  epoch = 1;
  /** View of the last final block in that epoch; 0 when it closed the one before. */
  finalView = 0;
  /** The log after the last final block. */
  head: TreeHead | undefined;
  /** The log some blocks earlier. */
  earlierHead: TreeHead | undefined;

  add(write: Write): void {
    switch (write.kind) {
      case 'vote':
        return void this.#votes.add(keyOf(write.vote));
      case 'certificate':
        this.#certified.add(`${write.certificate.epoch} ${write.certificate.view}`);
        return void this.#certificates.add(keyOf(write.certificate));
      case 'block':
        return void this.#blocks.set(write.digest, write.block);
      case 'final': {
        const { height, view, epoch, closes } = write.final.block.header;
        this.#finals.set(write.final.digest, view);
        this.#blocks.set(write.final.digest, write.final.block);
        this.height = height;
        this.epoch = closes ? epoch + 1 : epoch;
        this.finalView = closes ? 0 : view;
        this.earlierHead = this.head;
        this.head = write.final.block.header.post;
        return;
      }
      case 'cosigned':
        this.cosignedSize = Math.max(this.cosignedSize, write.head.size);
        return;
      default:
        return;
    }
  }

  hasVote(ballot: Ballot): boolean {
    return this.#votes.has(keyOf(ballot));
  }

  hasCertificate(epoch: number, kind: VoteKind, view: number, digest: Hash): boolean {
    return this.#certificates.has(keyOf({ epoch, kind, view, digest }));
  }

  /** Whether there is a certificate of any kind of this view. */
  hasCertificateIn(epoch: number, view: number): boolean {
    return this.#certified.has(`${epoch} ${view}`);
  }

  block(digest: Hash): Block | undefined {
    return this.#blocks.get(digest);
  }

  /** The view of a final block. */
  finalViewOf(digest: Hash): number | undefined {
    return this.#finals.get(digest);
  }
}

function keyOf({ epoch, kind, view, digest }: Ballot): string {
  return `${epoch} ${kind} ${view} ${digest}`;
}
