import type { Messages } from '../message.ts';

/** The browser app and its service worker. */
export const webMessages = {
  E_PAGE_UNEXPECTED: {
    happened: 'Something went wrong in this page: {reason}.',
    means: 'This is a fault in Assay itself. Nothing was verified or stored because of it.',
    remedy: 'Reload the page. If it happens again, please report it with this text.',
    help: 'faults',
  },
  E_BROWSER_LACKS: {
    happened: 'This browser lacks {missing}.',
    means: 'Packages cannot be checked without it, so nothing is shown as checked.',
    remedy: 'Open this page in a current browser, over https or from this machine.',
    help: 'browser',
  },
  E_PAGE_SAVE: {
    happened: 'The file could not be written: {reason}.',
    means: 'The verified bytes are still in this browser; only the copy on your disk is missing.',
    remedy: 'Choose another place, or free some space, and save again.',
    help: 'saving',
  },
} as const satisfies Messages;
