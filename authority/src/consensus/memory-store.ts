import type { Write } from './events.ts';
import {
  packagesOf,
  tipOfFinal,
  type ConsensusStore,
  type Recovered,
  type StoredBlock,
  type StoredPackage,
  type StoredTip,
} from './store.ts';
import type { TreeHead } from './cosignature.ts';
import type { Block, Hash } from './block.ts';
import type { Certificate, Vote } from './vote.ts';

/** A ConsensusStore that forgets with the process. */
export class MemoryStore implements ConsensusStore {
  readonly #finals: StoredBlock[] = [];
  readonly #packages: StoredPackage[] = [];
  readonly #evidence = new Set<string>();
  #votes: Vote[] = [];
  #certificates: Certificate[] = [];
  #blocks = new Map<Hash, Block>();
  #tip: StoredTip | undefined;
  #cosigned: TreeHead | undefined;
  #amnesia: string | undefined;

  recover(): Recovered {
    return {
      packages: [...this.#packages],
      votes: [...this.#votes],
      certificates: [...this.#certificates],
      blocks: [...this.#blocks.values()],
      evidence: [...this.#evidence],
      ...(this.#tip === undefined ? {} : { final: this.#tip }),
      ...(this.#cosigned === undefined ? {} : { cosigned: this.#cosigned }),
      ...(this.#amnesia === undefined ? {} : { amnesia: this.#amnesia }),
    };
  }

  commit(writes: readonly Write[]): void {
    for (const write of writes) this.#apply(write);
  }

  finalBlock(height: number): StoredBlock | undefined {
    return this.#finals[height - 1];
  }

  provenHeight(from: number): number | undefined {
    const at = this.#finals.findIndex((stored, index) => index >= from - 1 && stored.proof !== undefined);
    return at < 0 ? undefined : at + 1;
  }

  close(): void {}

  #apply(write: Write): void {
    switch (write.kind) {
      case 'vote':
        return void this.#votes.push(write.vote);
      case 'certificate':
        return void this.#certificates.push(write.certificate);
      case 'block':
        return void this.#blocks.set(write.digest, write.block);
      case 'final': {
        const { block, proof, execution } = write.final;
        const { batches } = execution.ledger;
        this.#finals.push(proof === undefined ? { block, batches } : { block, batches, proof });
        this.#packages.push(...packagesOf(write.final));
        this.#tip = tipOfFinal(write.final);
        return this.#forgetUpTo(block.header.view);
      }
      case 'cosigned':
        this.#cosigned = write.head;
        return;
      case 'evidence':
        return void this.#evidence.add(write.key);
      case 'amnesia':
        this.#amnesia = write.reason;
        return;
      default:
        return write satisfies never;
    }
  }

  #forgetUpTo(view: number): void {
    this.#votes = this.#votes.filter((vote) => vote.view > view);
    this.#certificates = this.#certificates.filter((certificate) => certificate.view > view);
    this.#blocks = new Map([...this.#blocks].filter(([, block]) => block.header.view > view));
  }
}
