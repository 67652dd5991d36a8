import type { Clock } from '@assay/core/clock.ts';
import type { CborValue } from '@assay/core/encoding/cbor.ts';
import { isAssayError, toWire } from '@assay/core/errors/assay-error.ts';
import { fetchBody } from '@assay/core/net/http-chunks.ts';
import { ago } from '@assay/core/verify/words.ts';
import { openClient, type Client } from '../client.ts';
import { networkOptions, type Command } from '../command.ts';
import { conflictData, conflictLines } from '../conflict-report.ts';
import { exitCode } from '../exit-code.ts';
import { errorText } from '../output.ts';

const TIMEOUT_MS = 5_000;
const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** `assay status`: how far this client's log is, how fresh, and what the relay says of the authorities. */
export const statusCommand: Command = {
  usage: 'status [--data DIR | --relay URL] [--mirrors URL,URL]',
  summary: 'Show the network, how far the log is synced here, and its health',
  options: networkOptions,
  operands: [0, 0],
  async run(context) {
    const { output, clock, signal } = context;
    const client = await openClient(context);
    try {
      const synced = await client.node.sync(signal);
      const { size, checkpoint, anchor, reanchored } = client.node.state;
      const { genesis, current } = client.node.trust;
      const { conflict } = anchor ?? {};
      const authorities = await relayStatus(client, clock);
      const age = checkpoint === undefined ? undefined : clock.now() - checkpoint.freshAsOf;
      const lines = [
        `network    ${genesis.origin}`,
        `relay      ${client.relayUrl}`,
        `log        ${size} entries checked here${age === undefined ? '' : `, final as of ${ago(age)}`}`,
        `authorities ${current.authorities.map(({ name }) => name).join(', ')}; ${current.policy.quorum} must agree${current.epoch === 1 ? '' : `; epoch ${current.epoch}`}`,
      ];
      if (reanchored !== undefined) {
        const seen = ago(clock.now() - reanchored.lastSeen);
        lines.push(`anchor     last seen ${seen}; ${reanchored.sources.join(', ')} agree on what came after`);
      }
      if (!synced.ok) lines.push(`sync       ${errorText(synced.error)}`);
      if (conflict !== undefined) lines.push(...conflictLines(conflict, client.folder));
      output.result(
        {
          origin: genesis.origin,
          relay: client.relayUrl,
          size,
          freshAsOf: checkpoint?.freshAsOf,
          epoch: current.epoch,
          quorum: current.policy.quorum,
          synced: synced.ok,
          ...(!synced.ok && { error: toWire(synced.error) }),
          ...(conflict && { conflict: conflictData(conflict) }),
          relayStatus: authorities,
        },
        lines.join('\n'),
      );
      if (conflict !== undefined) return exitCode.mismatch;
      return synced.ok ? exitCode.ok : exitCode.failed;
    } finally {
      await client.close();
    }
  },
};

/** What the relay says of itself and of the authorities: information, never part of a verdict. */
async function relayStatus(client: Client, clock: Clock): Promise<CborValue | undefined> {
  try {
    const ports = { fetch, clock, timeoutMs: TIMEOUT_MS };
    const body = await fetchBody(
      ports,
      `${client.relayUrl}/status.json`,
      {},
      MAX_DOCUMENT_BYTES,
      () => undefined,
    );
    return JSON.parse(new TextDecoder().decode(body)) as CborValue;
  } catch (error) {
    if (isAssayError(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
