import { fileURLToPath } from 'node:url';

/** The programs that the command line starts as processes of their own; it imports none of their code. */
export const programs = {
  authority: fileURLToPath(new URL('../../authority/src/main.ts', import.meta.url)),
  relay: fileURLToPath(new URL('../../relay-server/src/main.ts', import.meta.url)),
  /** The built web app. */
  web: fileURLToPath(new URL('../../web/dist', import.meta.url)),
} as const;
