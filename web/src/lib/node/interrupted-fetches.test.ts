import { describe, expect, it } from 'vitest';
import { InterruptedFetches } from './interrupted-fetches.ts';

const a = { purl: 'pkg:npm/a@1.0.0', artifact: 'a-1.0.0.tgz' };
const b = { purl: 'pkg:npm/b@1.0.0', artifact: 'b-1.0.0.tgz' };

function session(stored?: string) {
  const values = new Map(stored === undefined ? [] : [['assay.fetches', stored]]);
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
}

describe('InterruptedFetches', () => {
  it('gives, after a reload, what had begun and not ended, once', () => {
    const tab = session();
    const before = new InterruptedFetches(tab);
    const endA = before.begin(a);
    before.begin(b);
    endA();
    const after = new InterruptedFetches(tab);
    expect(after.take()).toEqual([b]);
    expect(after.take()).toEqual([]);
  });

  it.each(['{', '{"purl":1}', '[null, 3, {"purl":"x"}]'])('makes nothing of %s', (stored) => {
    expect(new InterruptedFetches(session(stored)).take()).toEqual([]);
  });

  it('does without storage where that is forbidden', () => {
    const deny = (): never => {
      throw new DOMException('denied', 'SecurityError');
    };
    const fetches = new InterruptedFetches({ getItem: deny, setItem: deny });
    fetches.begin(a)();
    expect(fetches.take()).toEqual([]);
  });
});
