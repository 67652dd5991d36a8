import { expect, it } from 'vitest';
import { changeText, statusText, type OperatorStatus } from './views.ts';

const change = {
  id: 'ab'.repeat(32),
  add: ['etna'],
  remove: ['delft'],
  approvedBy: ['ayla', 'borneo'],
  offeredBy: ['cassini'],
  needed: 3,
  approvedHere: true,
  waitsFor: 'the approval of 1 more operator',
};

const status: OperatorStatus = {
  name: 'ayla',
  role: 'member',
  epoch: 2,
  needed: 3,
  members: [
    { name: 'ayla', reachable: true, height: 9, behind: 0 },
    { name: 'borneo', reachable: true, height: 7, behind: 2 },
    { name: 'cassini', reachable: false },
  ],
  consensus: {
    height: 9,
    size: 20,
    finalized: 20,
    pending: 1,
    equivocations: [{ name: 'delft', offence: 'two-notarise', epoch: 1 }],
  },
  keys: [
    { voteKey: '0123456789abcdef', inForce: true },
    { voteKey: 'fedcba9876543210', epoch: 3, inForce: false },
  ],
  candidates: [{ id: 'cd'.repeat(32), name: 'etna', height: 9, heardSecondsAgo: 1, synced: true }],
  changes: [change],
  notices: ['Halted: its disk is full.'],
};

it('says of a change what it does, who is for it and what it waits for', () => {
  expect(changeText(change)).toBe(
    'add etna, remove delft (abababab): approved by ayla, borneo; 3 must. It waits for the approval of 1 more operator.',
  );
  expect(changeText({ ...change, approvedBy: [] })).toContain('approved by nobody yet');
});

it('shows all that an operator should see', () => {
  const text = statusText(status);
  for (const said of [
    'ayla: authority in epoch 2; block 9, 20 log entries final, 1 waiting',
    'authorities (3 of 3 must agree)',
    'borneo           block 7, 2 behind',
    'cassini          not reachable',
    '0123456789abcdef…  in force',
    'fedcba9876543210…  offered for epoch 3',
    'etna (cdcdcdcdcdcdcdcd): synced',
    'delft in epoch 1: two-notarise',
    'Halted: its disk is full.',
  ]) {
    expect(text).toContain(said);
  }
});

it('leaves out what there is nothing to say of', () => {
  const { equivocations: _, ...consensus } = status.consensus;
  const text = statusText({ ...status, consensus, candidates: [], changes: [], notices: [] });
  for (const title of ['candidates', 'changes', 'equivocations']) expect(text).not.toContain(title);
  expect(statusText({ ...status, role: 'candidate' })).toContain('ayla: candidate in epoch 2');
});
