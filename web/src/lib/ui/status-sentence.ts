import type { NodeStatus } from '../node/api.ts';
import { formatAmount, formatCount } from './format.ts';

/** What the node is doing, in a sentence for people. */
export function statusSentence(status: NodeStatus): string {
  if (status.conflict !== undefined) {
    return 'Two checkpoints, each signed by a quorum, contradict each other. Nothing newer is accepted.';
  }
  switch (status.phase) {
    case 'starting':
      return 'The node is starting. What it knew before is read from this browser.';
    case 'syncing':
      return `Checking entry ${formatCount(status.size)} of ${formatCount(status.target)}. Everything checked so far can be used.`;
    case 'synced':
      if (status.light === true)
        return `The checkpoint of ${formatAmount(status.size, 'entry', 'entries')} is checked in this browser. Packages are looked up one by one, each with its proof.`;
      return `All ${formatAmount(status.size, 'entry', 'entries')} of the log are replayed and checked in this browser.`;
    case 'offline':
      return status.size === 0
        ? 'No mirror or relay can be reached, and nothing has been stored here yet.'
        : 'No mirror or relay can be reached. Everything stored here can still be used; newer entries cannot be seen.';
    case 'stopped':
      return 'The node could not be started. Nothing can be checked in this browser now.';
  }
}
