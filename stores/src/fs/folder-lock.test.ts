import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { lockFolder } from './folder-lock.ts';
import { temporaryFolder } from './temporary-folder.fixture.ts';

it('gives a folder to one at a time, and on when it is let go', async () => {
  const folder = await temporaryFolder();
  const lock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'E_FOLDER_IN_USE', fields: { folder } });
  lock.release();
  (await lockFolder(folder)).release();
});

it('frees the folder of a process that was killed', async () => {
  const folder = await temporaryFolder();
  const module = fileURLToPath(new URL('folder-lock.ts', import.meta.url));
  const program = `const { lockFolder } = await import(${JSON.stringify(module)});
    await lockFolder(${JSON.stringify(folder)}); console.log('locked'); setInterval(() => {}, 1000);`;
  const other = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  await once(other.stdout, 'data');
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'E_FOLDER_IN_USE' });
  other.kill('SIGKILL');
  await once(other, 'exit');
  (await lockFolder(folder)).release();
});
