import { DisagreementSearch } from '@assay/core/authorities/disagreements.ts';
import { membershipHistory } from '@assay/core/authorities/history.ts';
import { MembershipScan, suspendedMembers } from '@assay/core/authorities/membership-scan.ts';
import { MAX_STATUS_DOCUMENT_BYTES } from '@assay/core/authorities/status-document.ts';
import { createBreathe } from '@assay/core/breath.ts';
import { fromUtf8 } from '@assay/core/encoding/bytes.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { faultTolerance } from '@assay/core/log/quorum.ts';
import { fetchBody, type HttpPorts } from '@assay/core/net/http-chunks.ts';
import type { VerifiedNode } from '@assay/core/node/verified-node.ts';
import { setForSize } from '@assay/core/records/network.ts';
import type { AuthoritiesView } from '../../lib/node/authority-api.ts';
import type { EngineProcedures, UnreadReport } from '../../lib/node/engine-procedures.ts';
import type { Handlers } from '../../lib/rpc/procedures.ts';
import type { EnginePlatform } from './platform.ts';
import type { RunningEngine, TabEngine } from './tab-engine.ts';
import { shortName } from './views.ts';

type AuthorityProcedures = Pick<EngineProcedures, 'authorities' | 'authorityRecords'>;

/** Answers what pages ask about the authorities. Each tab asks the relay for itself: it keeps its answers for a second. */
export function authorityHandlers(
  engine: TabEngine,
  platform: EnginePlatform,
): Handlers<AuthorityProcedures> {
  const { clock, verifySignature } = platform;
  const scan = new MembershipScan();
  let search: { readonly of: RunningEngine; readonly disagreements: DisagreementSearch } | undefined;

  const searchIn = (running: RunningEngine): DisagreementSearch => {
    if (search?.of === running) return search.disagreements;
    const { stores, access } = running.opened;
    const disagreements = new DisagreementSearch({
      store: stores.log,
      sources: () => access.mirrors,
      clock,
      verifySignature,
    });
    search = { of: running, disagreements };
    return disagreements;
  };

  return {
    async authorities(_input, { signal }) {
      const { opened } = await engine.running;
      const unread = await reportOf(platform.origin, platform.http, clock.now(), signal);
      return { ...knownHere(opened.node), ...(unread && { unread }) };
    },

    async authorityRecords(_input, { signal }) {
      const running = await engine.running;
      const { node } = running.opened;
      if (node.mode === 'light') return undefined;
      const { log, trust, catalogue } = node;
      const { size } = log;
      const changes = await scan.of(log, createBreathe(clock));
      return {
        size,
        changes,
        suspended: suspendedMembers(trust, changes),
        disagreements: await searchIn(running).among(catalogue, trust, signal),
      };
    },
  };
}

/** What follows from genesis, verified hand-offs and the verified checkpoint alone. */
function knownHere({ trust, state }: VerifiedNode): AuthoritiesView {
  const { current } = trust;
  const { checkpoint } = state;
  const cosigners =
    checkpoint?.cosigners.map(({ name, time }) => ({ name: shortName(name, trust), time })) ?? [];
  return {
    epoch: current.epoch,
    quorum: current.policy.quorum,
    tolerated: faultTolerance(current.authorities.length),
    members: current.authorities.map(({ name }) => {
      const time = cosigners.find((cosigner) => cosigner.name === name)?.time;
      return { name, ...(time !== undefined && { cosignedAt: time }) };
    }),
    ...(checkpoint && {
      checkpoint: {
        size: checkpoint.size,
        freshAsOf: checkpoint.freshAsOf,
        cosigners,
        members: setForSize(trust, checkpoint.size).authorities.length,
      },
    }),
    history: membershipHistory(trust),
  };
}

/** What the relay of this origin says of the authorities, as it came; undefined when it cannot be asked. Never rejects. */
async function reportOf(
  origin: string,
  http: HttpPorts,
  at: number,
  signal: AbortSignal,
): Promise<UnreadReport | undefined> {
  const expectOk = ({ ok }: Response): void => {
    if (!ok) throw new TypeError('no status');
  };
  try {
    const url = `${origin}/status.json`;
    const init = { cache: 'no-store' } as const;
    const body = await fetchBody(http, url, init, MAX_STATUS_DOCUMENT_BYTES, expectOk, signal);
    return { document: JSON.parse(unwrap(fromUtf8(body))) as unknown, at };
  } catch {
    return undefined;
  }
}
