import { parentPort, workerData } from 'node:worker_threads';
import type { Answer, Job, WorkerOptions } from './jobs.ts';
import { install } from './mutations/hook.ts';
import { mutations } from './mutations/mutations.ts';

const { mutation: name } = workerData as WorkerOptions;
const mutation = mutations.find((one) => one.name === name);
if (mutation !== undefined) install(mutation);
// Only now: what is loaded before the hook would be the source as it is.
const { doJob } = await import('./do-job.ts');
parentPort?.on('message', (job: Job) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- only windows have target origins
  void doJob(job).then((answer: Answer) => parentPort?.postMessage(answer));
});
