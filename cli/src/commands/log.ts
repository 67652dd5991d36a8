import { toBase64 } from '@assay/core/encoding/base64.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { decodeRecord } from '@assay/core/records/codec.ts';
import { offenceWords } from '@assay/core/records/offence-words.ts';
import type { SyncState } from '@assay/core/node/log-sync.ts';
import { ago } from '@assay/core/verify/words.ts';
import type { LogRecord } from '@assay/core/records/types.ts';
import { openClient } from '../client.ts';
import { networkOptions, textOption, type Command, type CommandContext } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import type { Output } from '../output.ts';

/** `assay log`: the entries of the log, each checked here. */
export const logCommand: Command = {
  usage: 'log list [--last N] | log show N [--data DIR | --relay URL] [--mirrors URL,URL]',
  summary: 'List the newest entries of the log, or show one whole',
  options: { ...networkOptions, last: { type: 'string' } },
  operands: [1, 2],
  async run(context) {
    const { operands, options, output, signal } = context;
    const [action, number] = operands;
    if (action !== 'list' && (action !== 'show' || number === undefined)) {
      throw new AssayError('E_USAGE', { problem: 'log takes list, or show and the number of an entry' });
    }
    const client = await openClient(context);
    try {
      const synced = await client.node.sync(signal);
      const { log } = client.node;
      if (!synced.ok && log.size === 0) throw synced.error;
      if (!synced.ok) output.error(synced.error);
      if (action === 'show') {
        const index = indexOf(number ?? '', log.size);
        show(index, unwrap(await log.entry(index)), output);
        return exitCode.ok;
      }
      const count = indexOf(textOption(options, 'last') ?? '20', Number.MAX_SAFE_INTEGER);
      for await (const { index, bytes } of log.entries(Math.max(0, log.size - count), log.size)) {
        const record = unwrap(decodeRecord(bytes));
        output.result({ index, ...plain(record) }, `${String(index).padStart(8)}  ${summary(record)}`);
      }
      reportFreshness(client.node.state, context);
      return exitCode.ok;
    } finally {
      await client.close();
    }
  },
};

/** For people only: scripts read entries here, and freshness in `assay status`. */
function reportFreshness(
  { checkpoint }: SyncState,
  { output, clock }: Pick<CommandContext, 'output' | 'clock'>,
): void {
  if (checkpoint === undefined || output.json) return;
  const { size, freshAsOf } = checkpoint;
  output.result({ size, freshAsOf }, `${size} entries, final as of ${ago(clock.now() - freshAsOf)}`);
}

function indexOf(text: string, size: number): number {
  const index = Number(text);
  if (!/^\d+$/.test(text) || index >= size) {
    throw new AssayError('E_USAGE', { problem: `there is no entry ${text}` });
  }
  return index;
}

function show(index: number, bytes: Uint8Array, output: Output): void {
  const record = plain(unwrap(decodeRecord(bytes)));
  const data = { index, record, bytes: toBase64(bytes) };
  output.result(data, JSON.stringify({ index, ...record }, undefined, 2));
}

/** The longest kind, `authority-remove`, and the rest below one another. */
const KIND_WIDTH = 16;

function summary(record: LogRecord): string {
  return `${record.kind.padEnd(KIND_WIDTH)}  ${content(record)}`;
}

function content(record: LogRecord): string {
  switch (record.kind) {
    case 'genesis':
      return `${record.origin}, ${record.authorities.length} authorities`;
    case 'artifact-add':
      return `${record.purl}  (${record.provenance.method})`;
    case 'authority-add':
      return `${record.authority.name} joins after epoch ${record.epoch}`;
    case 'authority-remove':
      return `${record.name} leaves after epoch ${record.epoch}`;
    case 'equivocation':
      return `${record.name} ${offenceWords[record.offence]}`;
    case 'epoch-handoff':
      return `epoch ${record.epoch} begins with ${record.authorities.map(({ name }) => name).join(', ')}`;
    case 'state':
      return `height ${record.height}, ${new Date(record.time * 1000).toISOString()}`;
  }
}

/** A record with its bytes in hex, for JSON. */
function plain(record: LogRecord): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(record, (_key, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value)),
  ) as Record<string, unknown>;
}
