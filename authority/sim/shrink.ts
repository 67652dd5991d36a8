import type { Fault, Plan } from './plan.ts';
import type { Outcome } from './run.ts';

/** Most runs one shrinking takes. */
const MOST_RUNS = 400;

/** A plan that still breaks the same rule, with as few faults and transactions as leaving them out one by one comes to. */
export function shrink(plan: Plan, run: (plan: Plan) => Outcome): Plan {
  const rule = ruleOf(run(plan));
  if (rule === undefined) return plan;
  let smallest = plan;
  let runs = 0;
  const stillFails = (candidate: Plan): boolean => {
    runs += 1;
    if (runs > MOST_RUNS || ruleOf(run(candidate)) !== rule) return false;
    smallest = candidate;
    return true;
  };
  for (let progress = true; progress;) progress = leaveOut(smallest, stillFails);
  return smallest;
}

/** Tries the plan without each of its parts; says whether any was not needed. */
function leaveOut(plan: Plan, stillFails: (candidate: Plan) => boolean): boolean {
  let { faults, submissions } = plan;
  for (const fault of plan.faults) {
    const others = faults.filter((other) => other !== fault);
    const smaller = [others, ...weaken(fault).map((weaker) => [...others, weaker])];
    faults = smaller.find((fewer) => stillFails({ ...plan, faults: fewer, submissions })) ?? faults;
  }
  for (const submission of plan.submissions) {
    const others = submissions.filter((other) => other !== submission);
    if (others.length > 0 && stillFails({ ...plan, faults, submissions: others })) submissions = others;
  }
  return faults !== plan.faults || submissions !== plan.submissions;
}

/** The rule that the first violation names. */
function ruleOf({ violations: [first] }: Outcome): string | undefined {
  return first === undefined ? undefined : (/^\w+/.exec(first)?.[0] ?? first);
}

/** The same fault with less to it. */
function weaken(fault: Fault): Fault[] {
  if (fault.kind !== 'byzantine' || fault.tricks.length < 2) return [];
  return fault.tricks.map((left) => ({ ...fault, tricks: fault.tricks.filter((trick) => trick !== left) }));
}
