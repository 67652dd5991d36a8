import { messages } from '@assay/core/errors/messages.ts';
import type { Message } from '@assay/core/errors/message.ts';

/** One error of a topic. */
export interface HelpEntry extends Message {
  readonly code: string;
}

const byTopic = Map.groupBy(
  Object.entries<Message>(messages).map(([code, message]): HelpEntry => ({ code, ...message })),
  (entry) => entry.help,
);

/** Every topic that an error points to, in alphabetical order. */
export const helpTopics: readonly string[] = [...byTopic.keys()].toSorted();

/** The errors explained under a topic; empty for a topic nobody points to. */
export function helpEntries(topic: string): readonly HelpEntry[] {
  return byTopic.get(topic) ?? [];
}

/** `canonical-cbor` as a heading: `Canonical cbor`, with the field's own abbreviations in capitals. */
export function topicTitle(topic: string): string {
  const words = topic.split('-').map((word) => (abbreviations.has(word) ? word.toUpperCase() : word));
  const text = words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const abbreviations: ReadonlySet<string> = new Set([
  'cbor',
  'eris',
  'http',
  'npm',
  'url',
  'dsse',
  'tar',
  'cli',
]);
