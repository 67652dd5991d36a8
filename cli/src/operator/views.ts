/** A change of the authorities under way, as an authority tells of it. */
export interface ChangeView {
  readonly id: string;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly approvedBy: readonly string[];
  readonly offeredBy: readonly string[];
  readonly needed: number;
  readonly approvedHere: boolean;
  readonly waitsFor: string;
}

/** A candidate, as an authority tells of it. */
export interface CandidateView {
  readonly id: string;
  readonly name: string;
  readonly height?: number;
  readonly heardSecondsAgo?: number;
  readonly synced: boolean;
}

/** What an authority tells its operator. */
export interface OperatorStatus {
  readonly name: string;
  readonly role: 'member' | 'candidate' | 'removed';
  readonly epoch: number;
  readonly needed: number;
  readonly members: readonly {
    readonly name: string;
    readonly reachable: boolean;
    readonly height?: number;
    readonly behind?: number;
  }[];
  readonly consensus: {
    readonly height: number;
    readonly size: number;
    readonly finalized: number;
    readonly pending: number;
    readonly equivocations?: readonly {
      readonly name: string;
      readonly offence: string;
      readonly epoch: number;
    }[];
  };
  readonly keys: readonly { readonly voteKey: string; readonly epoch?: number; readonly inForce: boolean }[];
  readonly candidates: readonly CandidateView[];
  readonly changes: readonly ChangeView[];
  readonly notices: readonly string[];
}

/** A change in words: `add etna`, `remove delft`. */
export function changeInWords({ add, remove }: Pick<ChangeView, 'add' | 'remove'>): string {
  return [...add.map((name) => `add ${name}`), ...remove.map((name) => `remove ${name}`)].join(', ');
}

/** A change and who is for it, as lines. */
export function changeText(change: ChangeView): string {
  const { id, approvedBy, needed, waitsFor } = change;
  const approved = approvedBy.length === 0 ? 'nobody yet' : approvedBy.join(', ');
  return `${changeInWords(change)} (${id.slice(0, 8)}): approved by ${approved}; ${needed} must. It waits for ${waitsFor}.`;
}

/** Everything an operator should see, as lines. */
export function statusText(status: OperatorStatus): string {
  const { name, role, epoch, needed, members, consensus, keys, candidates, changes, notices } = status;
  const what = { member: 'authority', candidate: 'candidate', removed: 'former authority' }[role];
  const { height, finalized, pending, equivocations = [] } = consensus;
  return [
    `${name}: ${what} in epoch ${epoch}; block ${height}, ${finalized} log entries final, ${pending} waiting`,
    '',
    `authorities (${needed} of ${members.length} must agree)`,
    ...members.map((member) => `  ${member.name.padEnd(16)} ${memberText(member)}`),
    '',
    'keys',
    ...keys.map(({ voteKey, epoch: offered, inForce }) => `  ${voteKey}…  ${keyText(inForce, offered)}`),
    ...section('candidates', candidates.map(candidateText)),
    ...section('changes', changes.map(changeText)),
    ...section(
      'equivocations',
      equivocations.map((one) => `${one.name} in epoch ${one.epoch}: ${one.offence}`),
    ),
    ...(notices.length > 0 ? ['', ...notices] : []),
  ].join('\n');
}

function memberText({ reachable, height, behind }: OperatorStatus['members'][number]): string {
  if (!reachable) return 'not reachable';
  const lag = behind === undefined || behind === 0 ? '' : `, ${behind} behind`;
  return `block ${height ?? '?'}${lag}`;
}

function keyText(inForce: boolean, offered: number | undefined): string {
  if (inForce) return 'in force';
  return offered === undefined ? 'for joining' : `offered for epoch ${offered}`;
}

function candidateText({ id, name, synced, heardSecondsAgo }: CandidateView): string {
  const state = heardSecondsAgo === undefined ? 'not heard of' : synced ? 'synced' : 'catching up';
  return `${name} (${id.slice(0, 16)}): ${state}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}
