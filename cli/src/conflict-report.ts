import type { CborValue } from '@assay/core/encoding/cbor.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { fromUtf8 } from '@assay/core/encoding/bytes.ts';
import type { Conflict } from '@assay/core/node/stores.ts';

/** Two histories of one network as a program reads them: both signed notes, who signed both, how far they are the same. */
export function conflictData({ first, second, signers = [], proof }: Conflict): CborValue {
  const common = proof?.common?.size;
  return {
    first: unwrap(fromUtf8(first)),
    second: unwrap(fromUtf8(second)),
    signers: [...signers],
    ...(common !== undefined && { common }),
  };
}

/** The same for people, with both notes whole: they are the proof, to be shown to those who run the network. */
export function conflictLines(conflict: Conflict, folder: string): string[] {
  const { first, second, signers = [], proof } = conflict;
  const common = proof?.common?.size;
  return [
    'conflict   authorities have signed two histories; nothing newer is accepted here',
    `           signed by  ${signers.length === 0 ? 'see the notes' : signers.join(', ')}`,
    common === undefined
      ? '           usable     not known: nobody could show where the histories part'
      : `           usable     records below entry ${common}: they are in both histories`,
    `           to leave   find out which history holds, then delete ${folder} and begin anew`,
    ...noteLines('first note', first),
    ...noteLines('second note', second),
  ];
}

function noteLines(title: string, note: Uint8Array): string[] {
  const text = unwrap(fromUtf8(note)).trimEnd().split('\n');
  return [`           ${title}`, ...text.map((line) => `             ${line}`)];
}
