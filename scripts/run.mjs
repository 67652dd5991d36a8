import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root, toolEnvironment } from './paths.mjs';

const passedOn = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Runs a command in the repository's root, its output going where ours goes, and resolves to its exit code
 * (128 + signal number if a signal ended it). While it runs, SIGINT, SIGTERM and SIGHUP end it instead of us, so it
 * can put its own children away first; a terminal's Ctrl-C reaches the child by itself and is not sent twice.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: 'inherit',
      env: options.env ?? toolEnvironment(),
    });
    const handlers = passedOn.map((signal) => {
      const handler = () => {
        const cameFromTerminal = signal === 'SIGINT' && process.stdin.isTTY === true;
        if (!cameFromTerminal) child.kill(signal);
      };
      process.on(signal, handler);
      return () => process.off(signal, handler);
    });
    const release = () => handlers.forEach((remove) => remove());
    child.once('error', (error) => {
      release();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      release();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
