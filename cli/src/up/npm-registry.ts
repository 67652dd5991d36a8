import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The registry that this machine's npm is set to use. It is asked, never assumed. */
export async function configuredNpmRegistry(): Promise<string> {
  const asked = process.env['npm_config_registry'];
  if (asked !== undefined && asked !== '') return asked;
  // Inside a workspace folder npm refuses to tell its configuration unless it is told to look away from it.
  const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry', '--no-workspaces']);
  return stdout.trim();
}
