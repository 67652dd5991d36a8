import { encodeCbor } from '../encoding/cbor.ts';
import { utf8 } from '../encoding/bytes.ts';
import { aboutToCbor } from '../records/artifact-add.ts';
import { MAX_ABOUT_BYTES } from '../records/limits.ts';
import type { About } from '../records/types.ts';

type Json = Readonly<Record<string, unknown>>;
type WritableAbout = { -readonly [K in keyof About]: About[K] };

/** Cuts in UTF-8 bytes. Together they leave room for the dependencies of most packages. */
const MAX_DESCRIPTION = 512;
const MAX_LICENSE = 128;
const MAX_URL = 256;
const MAX_AUTHOR = 64;
const MAX_KEYWORD = 48;

/**
 * What a record says about a package, taken from its `package.json`: a pure function, so that every authority comes to the same
 * from the same bytes. Texts are cut, odd values left out. `dependencies` is there, empty perhaps, unless the whole map does
 * not fit; then it is absent. Authors and keywords take the room that remains.
 */
export function aboutFromPackageJson(json: Json): About {
  const about: WritableAbout = {};
  setText(about, 'description', json['description'], MAX_DESCRIPTION);
  setText(about, 'license', licenseOf(json), MAX_LICENSE);
  setText(about, 'homepage', json['homepage'], MAX_URL);
  setText(about, 'repository', repositoryOf(json['repository']), MAX_URL);
  const dependencies = dependenciesOf(json['dependencies']);
  if (fits({ ...about, dependencies })) about.dependencies = dependencies;
  const authors = [json['author'], ...listOf(json['contributors'])].map(personName);
  fill(about, 'authors', cutAll(authors, MAX_AUTHOR));
  fill(about, 'keywords', cutAll(keywordsOf(json['keywords']), MAX_KEYWORD));
  return about;
}

function setText(
  about: WritableAbout,
  field: 'description' | 'license' | 'homepage' | 'repository',
  value: unknown,
  maxBytes: number,
): void {
  const text = cut(value, maxBytes);
  if (text !== '') about[field] = text;
}

/** As many of the texts, in order, as there is room for. */
function fill(about: WritableAbout, field: 'authors' | 'keywords', texts: readonly string[]): void {
  const taken: string[] = [];
  for (const text of texts) {
    if (!fits({ ...about, [field]: [...taken, text] })) break;
    taken.push(text);
  }
  if (taken.length > 0) about[field] = taken;
}

function fits(about: About): boolean {
  return encodeCbor(aboutToCbor(about)).length <= MAX_ABOUT_BYTES;
}

/** `license` as SPDX text, or in the forms of npm's early days: `{type}`, `licenses: [{type}]`. */
function licenseOf(json: Json): unknown {
  const license = json['license'] ?? json['licenses'];
  const names = (Array.isArray(license) ? license : [license]).map((one) =>
    isObject(one) ? one['type'] : one,
  );
  return names.filter((name) => typeof name === 'string').join(' OR ');
}

function repositoryOf(repository: unknown): unknown {
  const url = isObject(repository) ? repository['url'] : repository;
  return typeof url === 'string' ? url.replace(/^git\+/, '') : undefined;
}

/** Name to range, in the order of names; what is not a text is left out. */
function dependenciesOf(dependencies: unknown): Record<string, string> {
  const map: Record<string, string> = Object.create(null);
  if (!isObject(dependencies)) return map;
  for (const name of Object.keys(dependencies).toSorted()) {
    const range = dependencies[name];
    if (typeof range === 'string' && name.isWellFormed() && range.isWellFormed()) map[name] = range;
  }
  return map;
}

/** The name alone, out of `{name, email, url}` or `Name <email> (url)`. */
function personName(person: unknown): unknown {
  const name = isObject(person) ? person['name'] : person;
  return typeof name === 'string' ? name.replace(/\s*[<(].*$/s, '') : undefined;
}

function keywordsOf(keywords: unknown): readonly unknown[] {
  return typeof keywords === 'string' ? keywords.split(/[\s,]+/) : listOf(keywords);
}

function cutAll(values: readonly unknown[], maxBytes: number): string[] {
  const texts = values.map((value) => cut(value, maxBytes)).filter((text) => text !== '');
  return [...new Set(texts)];
}

/**
 * A text on one line of at most `maxBytes` bytes of UTF-8. Control characters become spaces; marks that turn the direction of
 * writing go, because with them a text can be made to read as another. Anything but a text gives ''.
 */
function cut(value: unknown, maxBytes: number): string {
  if (typeof value !== 'string') return '';
  const line = value
    .slice(0, maxBytes * 4)
    .toWellFormed()
    .replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (utf8(line).length <= maxBytes) return line;
  let cutLine = '';
  let length = utf8('…').length;
  for (const char of line) {
    length += utf8(char).length;
    if (length > maxBytes) break;
    cutLine += char;
  }
  return `${cutLine.trimEnd()}…`;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
