import { fetchBody, type HttpPorts } from '@assay/core/net/http-chunks.ts';
import type { HttpMirror } from '@assay/core/net/http-mirror.ts';
import type { SyncState } from '@assay/core/node/log-sync.ts';
import type { AuthorityView, NetworkView } from '../../lib/node/api.ts';

/** Status of 100 authorities, each with its view of all others. */
const MAX_STATUS_BYTES = 2 * 1024 * 1024;

/** How each mirror did at the last sync. */
export function mirrorViews(mirrors: readonly HttpMirror[], state: SyncState): NetworkView['mirrors'] {
  return mirrors.map(({ id: url }) => {
    const refused = state.refused.find(({ source }) => source === url);
    if (refused !== undefined) {
      const { error, rung } = refused;
      return { url, state: 'failing', detail: error.message, ...(rung && { rung }) };
    }
    return { url, state: state.syncedAt === undefined ? 'unknown' : 'ok' };
  });
}

/** What the relay of this origin says of the authorities; nothing when it cannot be asked, for then nothing is known. Never rejects. */
export async function authorityViews(
  origin: string,
  http: HttpPorts,
  signal: AbortSignal,
): Promise<readonly AuthorityView[]> {
  const expectOk = ({ ok }: Response): void => {
    if (!ok) throw new TypeError('no status');
  };
  try {
    const url = `${origin}/status.json`;
    const body = await fetchBody(http, url, { cache: 'no-store' }, MAX_STATUS_BYTES, expectOk, signal);
    const { authorities: reports } = JSON.parse(new TextDecoder().decode(body)) as { authorities?: unknown };
    return Array.isArray(reports) ? reports.flatMap((report: unknown) => authorityView(report)) : [];
  } catch {
    return [];
  }
}

function authorityView(report: unknown): AuthorityView[] {
  if (typeof report !== 'object' || report === null) return [];
  const { name, reachable, index, leader, ...rest } = report as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string') return [];
  const numbers = (['height', 'view', 'pending', 'lastSeen'] as const).flatMap((key) =>
    typeof rest[key] === 'number' ? [[key, rest[key]] as const] : [],
  );
  return [
    {
      name: name.slice(0, MAX_NAME_CHARACTERS),
      reachable: reachable === true,
      ...Object.fromEntries(numbers),
      ...(typeof leader === 'number' && { leader: leader === index }),
    },
  ];
}

const MAX_NAME_CHARACTERS = 128;
