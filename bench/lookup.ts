// What a client that keeps no log pays for one question: bytes over the wire, and time until it is sure of the answer.
import { unwrap } from '@assay/core/errors/result.ts';
import { answerLookup } from '@assay/core/lookup/answer.ts';
import { encodeLookup } from '@assay/core/lookup/bundle.ts';
import { onEveryPlatform } from './client/on-every-platform.ts';
import { makeLookupLog, type LookupLog } from './lookup-log.ts';
import { rowOf, type BenchRow } from './measure.ts';

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const SAMPLES = 40;
/** Far from one another, and prime to everything. */
const STRIDE = 7_919;

interface Sampled {
  readonly name: string;
  readonly rows: readonly BenchRow[];
  readonly questions: readonly { readonly purl: string; readonly answer: Uint8Array }[];
}

/** Sizes of answers for logs of 10³ to 10⁶ entries and 7 authorities, beside a look-up by tiles; and how long they take to check. */
export async function bench(): Promise<readonly BenchRow[]> {
  const sampled: Sampled[] = [];
  const bodies = new Map<string, Uint8Array>();
  for (const entries of SIZES) {
    const log = await makeLookupLog(entries);
    const one = await sample(log, entries.toLocaleString('en-US'));
    sampled.push(one);
    bodies.set('/lookup-genesis.cbor', log.genesis);
    for (const [n, { answer }] of one.questions.entries()) bodies.set(`/answer/${one.name}/${n}`, answer);
  }
  const times = await onEveryPlatform(async (tasks, platform) => {
    const rows: BenchRow[] = [];
    for (const { name, questions } of sampled) {
      const asked = questions.map(({ purl }, n) => ({ purl, path: `/answer/${name}/${n}` }));
      const { verified, signatures } = await tasks.lookup({ asked });
      const baseline = { name: 'its signatures', values: signatures };
      rows.push(rowOf(`${platform}: sure of a lookup, ${name} entries`, 'ms', verified, baseline));
    }
    return rows;
  }, bodies);
  return [...sampled.flatMap(({ rows }) => rows), ...times];
}

async function sample(log: LookupLog, name: string): Promise<Sampled> {
  const [first, next, absent, tiles]: number[][] = [[], [], [], []];
  const questions: { purl: string; answer: Uint8Array }[] = [];
  for (let n = 0; n < SAMPLES; n++) {
    const purl = log.purl(n * STRIDE);
    const bundle = unwrap(await answerLookup(log.view, purl));
    const answer = encodeLookup(bundle);
    const [record] = bundle.records;
    if (record === undefined) throw new Error(`${purl} is not in the log`);
    questions.push({ purl, answer });
    first?.push(answer.length);
    next?.push(await sizeOf(log, purl));
    absent?.push(await sizeOf(log, `pkg:npm/absent-package-${n}@1.0.0`));
    tiles?.push(log.view.checkpoint.length + record.bytes.length + (await log.tileBytes(record.index)));
  }
  const baseline = { name: 'record, checkpoint, tiles (two round trips)', values: tiles ?? [] };
  return {
    name,
    questions,
    rows: [
      rowOf(`first lookup, ${name} entries`, 'bytes', first ?? [], baseline),
      rowOf(`next lookup, ${name} entries`, 'bytes', next ?? []),
      rowOf(`… of an absent package, ${name} entries`, 'bytes', absent ?? []),
    ],
  };
}

/** Of the answer to somebody who has the tree head. */
async function sizeOf({ view, size }: LookupLog, purl: string): Promise<number> {
  return encodeLookup(unwrap(await answerLookup(view, purl, { have: size }))).length;
}
