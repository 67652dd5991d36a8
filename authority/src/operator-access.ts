import { join } from 'node:path';
import type { Clock } from '@assay/core/clock.ts';
import { protocols } from '@assay/core/protocols.ts';
import { startAdminServer, type AdminServer } from './admin/admin-server.ts';
import { askMembers } from './admin/ask-members.ts';
import { operatorRoutes } from './admin/operator-routes.ts';
import { operatorStatus, type OperatorStatus } from './admin/operator-view.ts';
import type { Consensus } from './consensus/consensus.ts';
import type { Eras } from './era.ts';
import type { KeyRing } from './key-ring.ts';
import type { Membership } from './membership/membership.ts';
import type { Mesh } from './network/mesh.ts';

const SOCKET = 'admin.sock';

/** Opens the socket in the data folder over which the operator watches and steers an authority. Rejects with `E_ADMIN_SOCKET`. */
export async function openOperatorAccess(
  dataDir: string,
  parts: {
    readonly ring: KeyRing;
    readonly eras: Eras;
    readonly membership: Membership;
    readonly consensus: Pick<Consensus, 'status'>;
    readonly mesh: Mesh;
    readonly clock: Clock;
  },
): Promise<AdminServer> {
  const { ring, eras, membership, consensus, mesh, clock } = parts;
  const elapsed = (): number => clock.elapsed();
  const status = async (): Promise<OperatorStatus> => {
    const era = eras.current;
    const names = era.trust.current.authorities.map(({ name }) => name).filter((name) => name !== ring.name);
    const answers = await askMembers(names, (name) => mesh.opener(name, protocols.status), clock);
    return operatorStatus({
      ring,
      era,
      membership,
      consensus: consensus.status(),
      answers,
      elapsed: elapsed(),
    });
  };
  return await startAdminServer(join(dataDir, SOCKET), operatorRoutes({ membership, status, elapsed }));
}
