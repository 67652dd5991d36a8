import type { Write } from './events.ts';
import {
  amnesiaOf,
  eraAfter,
  handoffIn,
  isSettledBy,
  storedOfFinal,
  tipOfFinal,
  type ConsensusStore,
  type Recovered,
  type StoredBlock,
  type StoredEra,
  type StoredPackage,
  type StoredTip,
} from './store.ts';
import type { TreeHead } from './cosignature.ts';
import type { Block, Hash, Header } from './block.ts';
import type { Evidence } from './evidence.ts';
import type { Amnesia } from './state.ts';
import type { Certificate, Vote } from './vote.ts';

/** A ConsensusStore that forgets with the process. */
export class MemoryStore implements ConsensusStore {
  readonly #finals: StoredBlock[] = [];
  readonly #packages: StoredPackage[] = [];
  readonly #evidence = new Map<string, Evidence>();
  readonly #eras: StoredEra[] = [];
  readonly #handoffs: Uint8Array[] = [];
  #votes: Vote[] = [];
  #certificates: Certificate[] = [];
  #blocks = new Map<Hash, Block>();
  #tip: StoredTip | undefined;
  #cosigned: TreeHead | undefined;
  #amnesia: Amnesia | undefined;

  recover(): Recovered {
    return {
      eras: [...this.#eras],
      handoffs: [...this.#handoffs],
      packages: [...this.#packages],
      votes: [...this.#votes],
      certificates: [...this.#certificates],
      blocks: [...this.#blocks.values()],
      evidence: [...this.#evidence.values()],
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
        this.#finals.push(storedOfFinal(write.final));
        this.#packages.push(...write.final.execution.additions);
        this.#tip = tipOfFinal(write.final);
        const era = eraAfter(write.final);
        const handoff = handoffIn(write.final);
        if (era !== undefined) this.#eras.push(era);
        if (handoff !== undefined) this.#handoffs.push(handoff);
        return this.#forgetUpTo(write.final.block.header);
      }
      case 'cosigned':
        this.#cosigned = write.head;
        return;
      case 'evidence':
        return void this.#evidence.set(write.key, write.evidence);
      case 'amnesia':
        this.#amnesia = amnesiaOf(write);
        return;
      default:
        return write satisfies never;
    }
  }

  #forgetUpTo(settled: Header): void {
    const isOpen = (one: { epoch: number; view: number }) => !isSettledBy(settled, one);
    this.#votes = this.#votes.filter(isOpen);
    this.#certificates = this.#certificates.filter(isOpen);
    this.#blocks = new Map([...this.#blocks].filter(([, block]) => isOpen(block.header)));
  }
}
