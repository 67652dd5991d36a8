import type { AuthorityStatus } from '@assay/core/net/status-protocol.ts';

/** What the relay's `/status.json` says, as far as tests read it. */
export interface StatusDocument {
  readonly relay: {
    readonly size: number;
    readonly authoritiesReachable: number;
    readonly packs: { readonly held: number; readonly missing: number };
    readonly peers: number;
  };
  readonly authorities: readonly (Partial<AuthorityStatus> & {
    readonly index: number;
    readonly name: string;
    readonly reachable: boolean;
  })[];
}
