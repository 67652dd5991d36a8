import { archiveMessages } from './messages/archive.ts';
import { attestationsMessages } from './messages/attestations.ts';
import { authorityMessages } from './messages/authority.ts';
import { cliMessages } from './messages/cli.ts';
import { commonMessages } from './messages/common.ts';
import { consensusMessages } from './messages/consensus.ts';
import { cryptoMessages } from './messages/crypto.ts';
import { encodingMessages } from './messages/encoding.ts';
import { erisMessages } from './messages/eris.ts';
import { logMessages } from './messages/log.ts';
import { networkMessages } from './messages/network.ts';
import { nodeMessages } from './messages/node.ts';
import { recordMessages } from './messages/records.ts';
import { registryMessages } from './messages/registry.ts';
import { relayMessages } from './messages/relay.ts';
import { serviceWorkerMessages } from './messages/service-worker.ts';
import { storesMessages } from './messages/stores.ts';
import { swarmMessages } from './messages/swarm.ts';
import { verifyMessages } from './messages/verify.ts';
import { webMessages } from './messages/web.ts';

/**
 * Every error of the project: code → what happened, what it means, what to do, where to read more.
 * A new code goes into the file of its area under `messages/`; no code stands in two of them.
 */
export const messages = {
  ...commonMessages,
  ...encodingMessages,
  ...cryptoMessages,
  ...erisMessages,
  ...logMessages,
  ...recordMessages,
  ...attestationsMessages,
  ...archiveMessages,
  ...verifyMessages,
  ...networkMessages,
  ...swarmMessages,
  ...nodeMessages,
  ...registryMessages,
  ...consensusMessages,
  ...authorityMessages,
  ...storesMessages,
  ...serviceWorkerMessages,
  ...relayMessages,
  ...webMessages,
  ...cliMessages,
} as const;

/** The code of an `AssayError`. */
export type ErrorCode = keyof typeof messages;
