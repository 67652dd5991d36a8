import { executeBlock } from '../../src/consensus/execute.ts';
import type { Ledger } from '../../src/consensus/ledger.ts';
import { headerDigest, ZERO_HASH, type Block, type Hash } from '../../src/consensus/block.ts';
import type { Context } from '../../src/consensus/era.ts';
import type { Message } from '../../src/consensus/messages.ts';
import { ballotBytes, type Vote, type VoteKind } from '../../src/consensus/vote.ts';
import type { TrickName } from '../plan.ts';
import type { Process, Puppeteer } from '../process.ts';
import type { World } from '../world.ts';
import { tricks, type Trick } from './tricks.ts';

/** Messages the byzantine remember, to say them again. */
const MOST_HEARD = 64;

/** A block some byzantine authority saw or made, and the log after it. */
export interface KnownFork {
  readonly block: Block;
  readonly ledger: Ledger;
}

/** What all byzantine authorities of a run know together. */
export class Cabal {
  readonly members: Adversary[] = [];
  readonly forks = new Map<Hash, KnownFork>();
  /** Valid transactions heard of, by hash. */
  readonly transactions = new Map<Hash, Uint8Array>();
  readonly heard: Message[] = [];

  /** Remembers a block if its parent is known and it is valid. */
  learn(process: Process, block: Block, digest: Hash = headerDigest(block.header)): void {
    if (this.forks.has(digest)) return;
    const { parent } = block.header;
    const { final } = process.state;
    const base = this.forks.get(parent)?.ledger ?? (parent === final.digest ? final.ledger : undefined);
    if (base === undefined) return;
    const executed = executeBlock(base, block, process.context);
    if (!executed.ok) return;
    this.forks.set(digest, { block, ledger: executed.value.ledger });
    for (const { hash, bytes } of executed.value.transactions) this.transactions.set(hash, bytes);
  }

  /** Remembers a transaction if it is valid by itself. */
  learnTransaction({ context }: Process, bytes: Uint8Array): void {
    const checked = context.checkTransaction(bytes, context);
    if (checked.ok) this.transactions.set(checked.value.hash, bytes);
  }
}

/** A byzantine authority: an honest reducer inside, so that it knows where the others are, and tricks between it and the world. */
export class Adversary implements Puppeteer {
  readonly process: Process;
  readonly world: World;
  readonly cabal: Cabal;
  readonly #tricks: readonly Trick[];

  constructor(world: World, process: Process, cabal: Cabal, names: readonly TrickName[]) {
    this.world = world;
    this.process = process;
    this.cabal = cabal;
    this.#tricks = names.map((name) => tricks[name]());
    cabal.members.push(this);
  }

  start(): void {
    for (const trick of this.#tricks) trick.starts?.(this);
  }

  /** All authorities but itself. */
  get others(): number[] {
    const { world, process } = this;
    const { names } = process.context;
    return names.map((name) => world.authorityNamed(name)).filter((index) => index !== process.authority);
  }

  /** Some of the others; sometimes none, sometimes all. */
  someOthers(): number[] {
    const share = this.world.random() * 1.2;
    return this.others.filter(() => this.world.random() < share);
  }

  says(message: Message, to: number | undefined): void {
    if (message.kind === 'proposal') this.cabal.learn(this.process, message.block, message.vote.digest);
    const handled = this.#tricks.some((trick) => trick.says?.(this, message, to) === true);
    if (!handled) this.send(message, to);
  }

  hears(from: number, message: Message): void {
    const { cabal, process } = this;
    if (message.kind === 'proposal') cabal.learn(process, message.block, message.vote.digest);
    else if (message.kind === 'block') cabal.learn(process, message.block);
    else if (message.kind === 'transaction') cabal.learnTransaction(process, message.bytes);
    cabal.heard.push(message);
    if (cabal.heard.length > MOST_HEARD) cabal.heard.splice(0, MOST_HEARD / 2);
    for (const trick of this.#tricks) trick.hears?.(this, from, message);
  }

  /** Hands a message to the network as it is. */
  send(message: Message, to?: number): void {
    this.world.monitor.shown(this.process, message);
    this.world.carry(this.process, message, to);
  }

  sendTo(receivers: readonly number[], message: Message): void {
    for (const to of receivers) this.send(message, to);
  }

  later(delay: number, action: () => void): void {
    this.world.after(delay, () => {
      if (this.process.isRunning) action();
    });
  }

  vote(kind: VoteKind, view: number, digest: Hash): Vote {
    const context = this.#newestMembership();
    const { epoch } = context;
    const ballot = { kind, view, digest: kind === 'nullify' ? ZERO_HASH : digest, epoch };
    const signer = context.me ?? 0;
    const key = context.voteKeys[signer] ?? new Uint8Array(0);
    return { ...ballot, signer, signature: context.signVote(key, ballotBytes(context.chain, ballot)) };
  }

  /** The last epoch it was a member in: who was removed goes on voting there. */
  #newestMembership(): Context {
    const { process } = this;
    for (let { epoch } = process.context; epoch > 1; epoch--) {
      const context = process.contextAt(epoch);
      if (context.me !== undefined) return context;
    }
    return process.contextAt(1);
  }
}
