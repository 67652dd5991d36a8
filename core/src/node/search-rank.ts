import type { About } from '../records/types.ts';

/** The texts of a package that are searched, in lower case. */
export interface Searchable {
  readonly name: string;
  readonly nameWords: readonly string[];
  readonly keywords: readonly string[];
  readonly description: string;
}

/** A query in lower case, whole and in words. */
export interface Query {
  readonly whole: string;
  readonly words: readonly string[];
}

/** More words than anybody types; the rest of a pasted text is not looked at. */
const MAX_WORDS = 8;

/** Prepares a package for searching. */
export function searchable(name: string, about: About): Searchable {
  const lower = name.toLowerCase();
  return {
    name: lower,
    nameWords: wordsOf(lower),
    keywords: (about.keywords ?? []).flatMap((keyword) => wordsOf(keyword.toLowerCase())),
    description: (about.description ?? '').toLowerCase(),
  };
}

/** Prepares what somebody typed. */
export function splitQuery(query: string): Query {
  const whole = query.trim().toLowerCase();
  return { whole, words: wordsOf(whole).slice(0, MAX_WORDS) };
}

/** 0 for the best kind of match; undefined when a word of the query is found nowhere. */
export function matchRank(text: Searchable, { whole, words }: Query): number | undefined {
  if (text.name === whole) return 0;
  if (text.name.startsWith(whole) || text.name.includes(`/${whole}`)) return 1;
  let rank = 2;
  for (const word of words) {
    if (text.nameWords.some((part) => part.startsWith(word))) continue;
    if (text.keywords.some((part) => part.startsWith(word))) rank = Math.max(rank, 3);
    else if (text.description.includes(word) || text.name.includes(word)) rank = 4;
    else return undefined;
  }
  return rank;
}

function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}
