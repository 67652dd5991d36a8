import type { Effect, Happening, Write } from '../../src/consensus/events.ts';
import type { Message } from '../../src/consensus/messages.ts';
import type { State } from '../../src/consensus/state.ts';
import type { Process } from '../process.ts';
import type { PublishedCheckpoint } from '../surroundings.ts';
import type { World } from '../world.ts';
import { BoundsRule } from './bounds.ts';
import { CertificateRule } from './certificates.ts';
import { CosignatureRule } from './cosignatures.ts';
import { checkDecisions } from './decisions.ts';
import { EpochRule } from './epochs.ts';
import { EvidenceRule } from './evidence.ts';
import { FinalityRule } from './finality.ts';
import { noteCoverage, noteMessage } from './note-coverage.ts';
import { checkRestart } from './restarts.ts';
import { VoteRule } from './votes.ts';

/** Tells of a rule that was broken, in words that begin with its number. */
export type Report = (violation: string) => void;

/** Sees everything that honest processes say, write and publish, as it happens, and says which rule it breaks. */
export class Monitor {
  /** What went wrong, in words; empty when nothing did. */
  readonly violations: string[] = [];
  readonly finality: FinalityRule;
  /** Published checkpoints, by whomever. */
  readonly checkpoints: PublishedCheckpoint[] = [];
  /** Violations do not end the run. */
  isLenient = false;
  readonly #world: World;
  readonly #votes: VoteRule;
  readonly #certificates: CertificateRule;
  readonly #cosignatures: CosignatureRule;
  readonly #evidence: EvidenceRule;
  readonly #bounds: BoundsRule;
  readonly #epochs: EpochRule;

  constructor(world: World, suspects: ReadonlySet<number>) {
    this.#world = world;
    const report: Report = (violation) => this.violated(violation);
    this.finality = new FinalityRule(report);
    this.#votes = new VoteRule(report, world, suspects);
    this.#certificates = new CertificateRule(report);
    this.#cosignatures = new CosignatureRule(report, world, this.finality);
    this.#evidence = new EvidenceRule(report, world, suspects);
    this.#epochs = new EpochRule(report);
    this.#bounds = new BoundsRule(report);
  }

  violated(violation: string): void {
    this.violations.push(violation);
    this.#world.hasFailed = !this.isLenient;
  }

  /** What an honest process hands to the network. */
  said(process: Process, message: Message): void {
    noteMessage(this.#world.coverage, process, message);
    switch (message.kind) {
      case 'proposal':
        this.#votes.noteProposal(message, process);
        return this.#votes.said(process, message.vote);
      case 'vote':
        return this.#votes.said(process, message.vote);
      case 'certificate':
        return this.#certificates.said(process, message.certificate);
      case 'tip':
        if (message.proof !== undefined) this.#certificates.said(process, message.proof);
        if (message.cosignature !== undefined) this.#cosignatures.said(process, message.cosignature);
        return;
      case 'cosignature':
        return this.#cosignatures.said(process, message.cosignature);
      case 'evidence':
        return this.#evidence.said(process, message.evidence);
      case 'final':
        return this.#certificates.said(process, message.proof);
      default:
        return;
    }
  }

  /** One step of any process. */
  stepped(process: Process, happening: Happening, before: State, effects: readonly Effect[]): void {
    noteCoverage(this.#world.coverage, process, happening, before);
    if (!process.isHonest) return;
    if (happening.kind === 'start')
      checkRestart(
        (violation) => this.violated(violation),
        process.authority,
        process.disk.recover(),
        before,
      );
    for (const effect of effects) {
      if (effect.kind !== 'persist') continue;
      checkDecisions((violation) => this.violated(violation), process, before, effect);
      for (const write of effect.writes) {
        if (write.kind !== 'final') continue;
        this.finality.decided(process, write.final);
        if (write.final.proof === undefined) this.#world.coverage.note('block final through a descendant');
        if (write.final.path !== undefined && write.final.path.length > 0)
          this.#world.coverage.note('epoch closed through a descendant');
      }
    }
    if (process.state.era !== before.era) this.#epochs.began(process);
    this.#bounds.stepped(process);
    if (happening.kind === 'message') this.#evidence.heard(process, happening.message, before);
  }

  /** What became durable at any process. */
  durable(process: Process, writes: readonly Write[]): void {
    if (!process.isHonest) return;
    for (const write of writes) if (write.kind === 'evidence') this.#evidence.said(process, write.evidence);
  }

  published(process: Process, checkpoint: Extract<Effect, { kind: 'publish' }>): void {
    const { head, cosignatures } = checkpoint;
    this.checkpoints.push({ publisher: process.authority, head, cosignatures });
    if (process.isHonest) this.#cosignatures.published(process, checkpoint);
  }

  /** What a faulty authority shows of its blocks: ancestry is looked up there, too. */
  shown(process: Process, message: Message): void {
    if (message.kind === 'proposal') this.#votes.noteProposal(message, process);
  }
}
