import { isCertificateValid, type Certificate } from '../../src/consensus/vote.ts';
import type { Process } from '../process.ts';
import type { Report } from './monitor.ts';

/** I9: every certificate that an honest authority passes on has a quorum of valid signatures by distinct members. */
export class CertificateRule {
  readonly #report: Report;
  readonly #seen = new WeakSet<Certificate>();

  constructor(report: Report) {
    this.#report = report;
  }

  said(process: Process, certificate: Certificate): void {
    if (this.#seen.has(certificate)) return;
    this.#seen.add(certificate);
    const { signers, epoch, kind, view } = certificate;
    const { authority } = process;
    const context = process.contextAt(epoch);
    const isSound =
      new Set(signers).size === signers.length &&
      signers.length >= Math.floor((2 * context.count) / 3) + 1 &&
      signers.every((signer) => signer >= 0 && signer < context.count) &&
      epoch === context.epoch &&
      isCertificateValid({ ...context, quorum: signers.length }, certificate);
    if (!isSound) this.#report(`I9: ${authority} passed on a bad certificate to ${kind} view ${view}`);
  }
}
