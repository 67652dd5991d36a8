import type { Hash } from '../../src/consensus/block.ts';
import type { FinalBlock } from '../../src/consensus/events.ts';
import type { Process } from '../process.ts';
import type { Report } from './monitor.ts';

/** I5, I6, I10, I11: one chain of final blocks, the same at everybody, in which nothing is logged twice. */
export class FinalityRule {
  /** The final blocks, by height from 1 on. */
  readonly chain: FinalBlock[] = [];
  /** Roots of the log by size, after final blocks. */
  readonly roots = new Map<number, Hash>();
  readonly #report: Report;
  readonly #heights = new Map<Process, { life: number | undefined; height: number }>();
  readonly #purls = new Set<string>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** A process found a block final. */
  decided(process: Process, final: FinalBlock): void {
    const { block, digest } = final;
    const { height, parent } = block.header;
    const known = this.chain[height - 1];
    if (known !== undefined && known.digest !== digest)
      return this.#report(`I5: two blocks are final at height ${height}`);
    const before = height === 1 ? process.context.chain : this.chain[height - 2]?.digest;
    if (parent !== before) return this.#report(`I6: height ${height} is final on another parent`);
    const last = this.#heights.get(process);
    if (last !== undefined && last.life === process.life && height !== last.height + 1)
      return this.#report(`I6: ${process.authority} went from height ${last.height} to ${height}`);
    this.#heights.set(process, { life: process.life, height });
    if (known === undefined) this.#extend(final);
  }

  #extend(final: FinalBlock): void {
    const { post } = final.block.header;
    this.chain.push(final);
    const root = this.roots.get(post.size);
    if (root !== undefined && root !== post.root) this.#report(`I11: two roots at size ${post.size}`);
    this.roots.set(post.size, post.root);
    for (const { purl } of final.execution.additions) {
      if (this.#purls.has(purl)) this.#report(`I10: ${purl} is in the log twice`);
      this.#purls.add(purl);
    }
  }
}
