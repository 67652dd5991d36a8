import { DisagreementSearch, type DisagreementPorts } from '@assay/core/authorities/disagreements.ts';
import { MembershipScan, suspendedMembers } from '@assay/core/authorities/membership-scan.ts';
import { readStatusReport } from '@assay/core/authorities/report.ts';
import { MAX_STATUS_DOCUMENT_BYTES } from '@assay/core/authorities/status-document.ts';
import { createBreathe } from '@assay/core/breath.ts';
import type { Clock } from '@assay/core/clock.ts';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import type { CborValue } from '@assay/core/encoding/cbor.ts';
import { isAssayError, toWire } from '@assay/core/errors/assay-error.ts';
import { fetchBody } from '@assay/core/net/http-chunks.ts';
import type { VerifiedNode } from '@assay/core/node/verified-node.ts';
import { ago } from '@assay/core/verify/words.ts';
import { authorityData, authorityLines, type AuthorityFacts, type LogFacts } from '../authorities-report.ts';
import { openClient, type Client } from '../client.ts';
import { networkOptions, type Command } from '../command.ts';
import { conflictData, conflictLines } from '../conflict-report.ts';
import { exitCode } from '../exit-code.ts';
import { errorText } from '../output.ts';

const TIMEOUT_MS = 5_000;

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
      const document = await relayStatus(client, clock);
      const facts = await authorityFacts(client, document, clock, signal);
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
      lines.push(...authorityLines(facts));
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
          authorities: authorityData(facts),
          relayStatus: document,
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

/** What this client has checked of the authorities by itself, and what the relay reports of them. */
async function authorityFacts(
  { node, relay, logFiles }: Client,
  document: CborValue | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<AuthorityFacts> {
  const ports: DisagreementPorts = {
    store: logFiles,
    sources: () => [relay],
    clock,
    verifySignature: (...signed) => Promise.resolve(verifyEd25519Node(...signed)),
  };
  const report = document === undefined ? undefined : readStatusReport(document);
  return {
    trust: node.trust,
    checkpoint: node.state.checkpoint,
    log: node.mode === 'light' ? undefined : await logFacts(node, ports, signal),
    report: report?.ok === true ? report.value : undefined,
    now: ports.clock.now(),
  };
}

async function logFacts(
  { log, trust, catalogue }: VerifiedNode,
  ports: DisagreementPorts,
  signal: AbortSignal,
): Promise<LogFacts> {
  const changes = await new MembershipScan().of(log, createBreathe(ports.clock));
  return {
    size: log.size,
    changes,
    suspended: suspendedMembers(trust, changes),
    disagreements: await new DisagreementSearch(ports).among(catalogue, trust, signal),
  };
}

/** What the relay says of itself and of the authorities: information, never part of a verdict. */
async function relayStatus(client: Client, clock: Clock): Promise<CborValue | undefined> {
  try {
    const ports = { fetch, clock, timeoutMs: TIMEOUT_MS };
    const body = await fetchBody(
      ports,
      `${client.relayUrl}/status.json`,
      {},
      MAX_STATUS_DOCUMENT_BYTES,
      () => undefined,
    );
    return JSON.parse(new TextDecoder().decode(body)) as CborValue;
  } catch (error) {
    if (isAssayError(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
