import type { Messages } from '../message.ts';

/** Durable storage. */
export const storesMessages = {
  E_FOLDER_IN_USE: {
    happened: 'Another process is using the folder {folder}.',
    means: 'Two at once would contradict each other, so this one has not begun.',
    remedy: 'Stop the other process, or use another folder.',
    help: 'command-line',
  },
} as const satisfies Messages;
