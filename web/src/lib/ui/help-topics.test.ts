import { messages } from '@assay/core/errors/messages.ts';
import { describe, expect, it } from 'vitest';
import { parseRoute } from '../../router/routes.ts';
import { helpEntries, helpTopics, topicTitle } from './help-topics.ts';

describe('help topics', () => {
  it('explain every error code exactly once', () => {
    const explained = helpTopics.flatMap(helpEntries).map((entry) => entry.code);
    expect(explained.toSorted()).toEqual(Object.keys(messages).toSorted());
  });

  it('have addresses', () => {
    for (const topic of helpTopics) {
      expect(parseRoute(new URL(`http://localhost/help/${topic}`))).toEqual({ page: 'help', topic });
    }
  });

  it('are written as headings', () => {
    expect(topicTitle('canonical-cbor')).toBe('Canonical CBOR');
    expect(topicTitle('quorum')).toBe('Quorum');
  });
});
