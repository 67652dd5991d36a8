import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineEnvironment, pinnedNode, root } from './paths.mjs';
import { run } from './run.mjs';

/**
 * Whether the installed packages differ from what the lock file asks for. Both arguments are lock files as npm
 * writes them: `package-lock.json` and `node_modules/.package-lock.json`. Optional packages may be missing, since npm
 * leaves out those of other platforms.
 * @param {{ packages: Record<string, LockedPackage> }} wanted
 * @param {{ packages: Record<string, LockedPackage> }} installed
 * @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockedPackage
 */
export function installIsStale(wanted, installed) {
  return Object.entries(wanted.packages).some(([path, locked]) => {
    if (!path.includes('node_modules/')) return false;
    const found = installed.packages[path];
    if (found === undefined) return !(locked.optional || locked.devOptional || locked.peer);
    return found.version !== locked.version || found.integrity !== locked.integrity;
  });
}

/** Runs `npm ci` when packages are missing or not those of the lock file. Throws when that fails. */
export async function ensureInstalled() {
  const installedPath = join(root, 'node_modules', '.package-lock.json');
  if (existsSync(installedPath) && existsSync(pinnedNode)) {
    const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    if (!installIsStale(wanted, JSON.parse(readFileSync(installedPath, 'utf8')))) return;
  }
  console.log('Installing dependencies (npm ci) …');
  const code = await run('npm', ['ci', '--loglevel=error'], { env: machineEnvironment() });
  if (code !== 0) throw new Error(`npm ci failed with exit code ${code}`);
}
