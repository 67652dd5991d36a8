import type { Messages } from '../message.ts';

/** The service worker and what it keeps of the app. */
export const serviceWorkerMessages = {
  E_SHELL_FILE: {
    happened: 'The file {path} of the app was not stored: {reason}.',
    means: 'The app stays as it is. It is replaced only when all of its files are there and unchanged.',
    remedy: 'Nothing to do: the browser tries again at the next visit.',
    help: 'service-worker',
  },
} as const satisfies Messages;
