import { untrack } from 'svelte';
import type { AssayError } from '@assay/core/errors/assay-error.ts';
import type { Verification } from '@assay/core/verify/types.ts';
import { verdictSentence } from '@assay/core/verify/sentences.ts';
import { verdictWords } from '../../components/verdicts.ts';
import type { NodeApi, VersionView } from '../node/api.ts';
import { useApp } from './app-context.ts';
import { asAssayError } from './node-state.svelte.ts';

/** What the log says of a version and what came of checking it, both found anew whenever something changed. */
export class VersionCheck {
  view = $state.raw<VersionView>();
  verification = $state.raw<Verification>();
  error = $state.raw<AssayError>();
  /** True from the first answer of the node on, also when the log holds no such version. */
  known = $state(false);
  #newest = 0;

  /** Looks the version up and climbs the ladder: all of it when the bytes are stored here, else the rungs of the log. */
  async run(api: NodeApi, purl: string): Promise<void> {
    const mine = ++this.#newest;
    try {
      const view = await api.version(purl);
      if (mine !== this.#newest) return;
      this.view = view;
      this.known = true;
      const held = view?.artifacts.find((artifact) => artifact.held);
      const verification = await api.verify(purl, held?.name);
      if (mine !== this.#newest) return;
      this.verification = verification;
      this.error = undefined;
    } catch (error) {
      if (mine === this.#newest) this.error = asAssayError(error);
    }
  }
}

/** Checks a version while a component shows it: at once, after a download, and when a grown log may change the outcome. */
export function useVersionCheck(purl: string): { readonly check: VersionCheck; again(): void } {
  const { announcer, fetches, node } = useApp();
  const check = new VersionCheck();
  let asked = $state(0);
  /** What the node knew when the verdict was last computed. */
  let basis = '';
  const knowledge = (): string => {
    const { freshAsOf, error, conflict } = node.status;
    return [node.size, freshAsOf, error?.code, conflict?.first, conflict?.second].join(' ');
  };

  $effect(() => {
    void asked;
    void fetches.finished;
    if (node.api === undefined) return;
    basis = untrack(knowledge);
    void check.run(node.api, purl);
  });

  /** What is newer can only improve a verdict, so a good one is not computed again with each entry. A conflict spoils it. */
  $effect(() => {
    const now = knowledge();
    // Followed too: the log may have grown while the verdict was on its way.
    const verdict = check.verification?.verdict;
    const settled = verdict === 'verified' && node.status.conflict === undefined;
    if (verdict !== undefined && !settled && now !== basis) asked++;
  });

  $effect(() => {
    const { verification } = check;
    if (verification === undefined) return;
    announcer.interrupt(`${verdictWords[verification.verdict]}. ${verdictSentence(verification)}`);
  });

  return {
    check,
    again(): void {
      check.verification = undefined;
      check.error = undefined;
      asked++;
    },
  };
}
