import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Message } from './message.ts';
import { messages } from './messages.ts';

const areas = readdirSync(new URL('messages', import.meta.url));
const entries: [string, Message][] = Object.entries(messages);

describe('messages', () => {
  it('hold the codes of every area, and no code twice', async () => {
    const codes: string[] = [];
    for (const area of areas) {
      const file = new URL(`messages/${area}`, import.meta.url).href;
      const exported: object[] = Object.values(await import(/* @vite-ignore */ file));
      expect(exported).toHaveLength(1);
      codes.push(...exported.flatMap((messagesOfArea) => Object.keys(messagesOfArea)));
    }
    expect(codes.toSorted()).toEqual(Object.keys(messages).toSorted());
  });

  it.each(entries)('%s is a code in upper case', (code) => {
    expect(code).toMatch(/^E_[A-Z0-9]+(_[A-Z0-9]+)*$/);
  });

  it.each(entries)('%s says what happened, what it means and what to do in whole sentences', (_, message) => {
    expect(Object.keys(message).toSorted()).toEqual(['happened', 'help', 'means', 'remedy']);
    for (const sentence of [message.happened, message.means, message.remedy]) {
      expect(sentence).toMatch(/^["\p{Lu}\p{N}{].*[.?]$/u);
      expect(sentence).not.toMatch(/\s{2}/);
    }
    expect(message.help).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it.each(entries)('%s names its fields in well-formed braces', (_, message) => {
    const sentences = [message.happened, message.means, message.remedy].join('\n');
    expect(sentences.replaceAll(/\{[a-z][A-Za-z0-9]*\}/g, '')).not.toMatch(/[{}]/);
  });
});
