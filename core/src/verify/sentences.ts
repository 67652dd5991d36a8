import { AssayError, type ErrorFields } from '../errors/assay-error.ts';
import type { Rung, RungId, Verification } from './types.ts';
import { ago, counted, grouped } from './words.ts';

/** What one rung found, in plain English; the same words on pages, in the terminal and in reports. */
export function rungSentence(rung: Rung): string {
  if (rung.state !== 'pass') return happened(rung);
  return passedSentences[rung.id](reader(rung.fields));
}

/** What the whole verification found, in one to three sentences. They say what was checked, never that a file does no harm. */
export function verdictSentence(verification: Verification): string {
  switch (verification.verdict) {
    case 'verified':
      return matchSentence(verification);
    case 'verified-stale':
      return `${matchSentence(verification)} The signatures are old: this view of the log may lack newer records.`;
    case 'not-in-log':
      return absentSentence(verification);
    case 'mismatch':
      return mismatchSentence(verification);
    case 'could-not-check':
      return openSentence(verification);
  }
}

/** Fields of a rung by name: a number (0 when absent) or a text ('' when absent). */
interface FieldReader {
  number(name: string): number;
  text(name: string): string;
}

const passedSentences: Record<RungId, (fields: FieldReader) => string> = {
  bytes: ({ number }) =>
    `SHA-256 of the ${counted(number('size'), 'byte')} on this device equals the record’s`,
  blocks: ({ number }) => {
    const blocks = grouped(number('blocks'));
    return `${blocks} of ${counted(number('blocks'), 'block')} match the read capability; none was refused`;
  },
  record: ({ number, text }) =>
    `Record ${grouped(number('index'))} is that of ${text('purl')}, with ${counted(number('artifacts'), 'file')}`,
  inclusion: ({ number }) => {
    const hashes = number('hashes');
    const lead = `${counted(hashes, 'hash', 'hashes')} ${hashes === 1 ? 'leads' : 'lead'}`;
    const root = `the root of ${grouped(number('size'))} entries`;
    if (number('events') === 0) return `${lead} from the record to ${root}`;
    const list = `the complete list of ${counted(number('events'), 'record')} of this package`;
    return `Proven by the map of packages: ${lead} from ${list} to ${root}`;
  },
  quorum: ({ number }) =>
    `${share(number('signed'), number('total'))}; ${grouped(number('need'))} are needed. Signed ${ago(number('age'))}`,
  history: ({ number }) => {
    const seen = historySentence(number('size'), number('previous'));
    if (number('common') === 0) return seen;
    return `${seen}. Authorities have signed two histories; this record is in both, among the first ${counted(number('common'), 'entry', 'entries')}`;
  },
  agreement: (fields) => [agreedClause(fields), ...dissentClauses(fields)].join('; '),
};

function historySentence(size: number, previous: number): string {
  if (previous === 0)
    return `First sight of this log, at ${counted(size, 'entry', 'entries')}: nothing to compare with yet`;
  const seen = `the ${counted(previous, 'entry', 'entries')} seen here before`;
  if (previous === size) return `The same as ${seen}`;
  return previous < size ? `Continues ${seen}` : `An earlier part of ${seen}`;
}

/** "This file is record 10 233 of a log that 4 of 4 authorities signed 12 seconds ago." */
function loggedSentence(verification: Verification, subject: string): string {
  const { number } = fieldsOf(verification, 'quorum');
  const index = grouped(verification.index ?? 0);
  const signed = share(number('signed'), number('total'));
  return `${subject} is record ${index} of a log that ${signed} signed ${ago(number('age'))}.`;
}

function matchSentence(verification: Verification): string {
  const fields = fieldsOf(verification, 'agreement');
  const dissent = dissentClauses(fields).map((clause) => ` ${clause}.`);
  return `${loggedSentence(verification, 'This file')} ${agreedClause(fields)}, and your copy matches.${dissent.join('')}`;
}

/** Mirrored bytes were fetched, not built: the sentence must not claim more. */
function agreedClause({ number }: FieldReader): string {
  return `${share(number('agreed'), number('total'))} fetched these bytes from npm independently`;
}

function dissentClauses({ text }: FieldReader): string[] {
  return [
    { names: text('dissented'), what: 'saw something else' },
    { names: text('failed'), what: 'could not fetch them' },
  ].flatMap(({ names, what }) => (names === '' ? [] : [`${names} ${what}`]));
}

function absentSentence(verification: Verification): string {
  const { number } = fieldsOf(verification, 'quorum');
  const signed = share(number('signed'), number('total'));
  const entries = counted(number('size'), 'entry', 'entries');
  const none = `None of the ${entries} that ${signed} signed ${ago(number('age'))} records ${verification.purl}`;
  const record = fieldsOf(verification, 'record');
  if (record.number('map') === 0) return `${none}.`;
  const listed = record.number('events');
  const others =
    listed === 0 ? 'no version of this package' : `${counted(listed, 'other record')} of this package`;
  return `${none}. Proven by the map of packages, which has ${others}.`;
}

/** The failed rung that says most: for a wrong file the file, else the first that failed from the record up. */
function mismatchSentence({ rungs }: Verification): string {
  const failedRungs = rungs.filter(({ state }) => state === 'fail');
  const [first] = failedRungs;
  const more = failedRungs.length - 1;
  const others = more === 0 ? '' : ` ${counted(more, 'other check')} failed too.`;
  return `Do not use this file. ${first === undefined ? '' : happened(first)}${others}`;
}

function openSentence(verification: Verification): string {
  const open = verification.rungs.filter(({ state }) => state === 'missing');
  const onlyFileMissing = open.every(({ id }) => id === 'bytes' || id === 'blocks');
  if (onlyFileMissing) {
    const logged = loggedSentence(verification, 'This version');
    return `${logged} ${agreedClause(fieldsOf(verification, 'agreement'))}. The file itself has not been compared: it is not on this device.`;
  }
  const [first] = open.filter(({ id }) => id !== 'bytes' && id !== 'blocks');
  const reason = first === undefined ? '' : happened(first);
  return `Nothing is known to be wrong, but not everything could be checked. ${reason}`;
}

/** What its error says, with the digits of numbers grouped like everywhere else. */
function happened({ error }: Rung): string {
  if (error === undefined) return 'This was not checked.';
  const fields = Object.entries(error.fields).map(([name, value]) => [
    name,
    typeof value === 'number' ? grouped(value) : value,
  ]);
  return new AssayError(error.code, Object.fromEntries(fields)).message;
}

function fieldsOf({ rungs }: Verification, id: RungId): FieldReader {
  return reader(rungs.find((rung) => rung.id === id)?.fields ?? {});
}

function reader(fields: ErrorFields): FieldReader {
  return {
    number: (name) => (typeof fields[name] === 'number' ? fields[name] : 0),
    text: (name) => (typeof fields[name] === 'string' ? fields[name] : ''),
  };
}

/** `4 of 4 authorities`. */
function share(count: number, total: number): string {
  return `${grouped(count)} of ${counted(total, 'authority', 'authorities')}`;
}
