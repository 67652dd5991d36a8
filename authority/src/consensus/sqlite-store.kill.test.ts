import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { SqliteStore } from './sqlite-store.ts';
import { isWalDamaged } from './wal-file.ts';

const program = fileURLToPath(new URL('testing/commit-until-killed.ts', import.meta.url));

/** Starts the program, kills it some way into its work, and gives the last commit it spoke of. */
function commitUntilKilled(path: string, commits: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.split('\n').length > commits) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', () => resolve(Number(said.trimEnd().split('\n').at(-1))));
  });
}

it(
  'a vote that was committed is there after SIGKILL, and the files are sound',
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-kill-'));
    try {
      for (const commits of [1, 40]) {
        const path = join(folder, `${commits}.db`);
        const last = await commitUntilKilled(path, commits);
        expect(isWalDamaged(`${path}-wal`)).toBe(false);
        const store = new SqliteStore(path, 'authority 0');
        const views = store.recover().votes.map((vote) => vote.view);
        store.close();
        expect(views).toEqual(views.map((_, at) => at + 1));
        // One more may have been committed that the program had no time to speak of.
        expect(views.length - last).toBeGreaterThanOrEqual(0);
        expect(views.length - last).toBeLessThanOrEqual(1);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
