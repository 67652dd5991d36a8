import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, toolEnvironment } from './paths.mjs';
import { run } from './run.mjs';

/** Switches under which headless Chromium runs everywhere, also as root in a container, and stays silent on the network. */
export const browserSwitches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Path of a Chromium on this machine: CHROMIUM_PATH, a usual place, or the one Playwright downloaded. */
export function findBrowser() {
  const named = process.env['CHROMIUM_PATH'];
  const candidates = named ? [named, ...usualPlaces] : usualPlaces;
  return candidates.find(canRun) ?? downloadedBrowser();
}

/** A Chromium's path, installed if there is none; undefined when that is not possible. */
export async function ensureBrowser() {
  const found = findBrowser();
  if (found !== undefined) return found;
  console.log('No Chromium found: asking Playwright for one …');
  await run('playwright', ['install', 'chromium']);
  if (findBrowser() === undefined && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('No Chromium from Playwright: asking the package manager for one …');
    await run('apt-get', ['update']);
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium']);
  }
  return findBrowser();
}

function downloadedBrowser() {
  if (!existsSync(join(root, 'node_modules', 'playwright'))) return undefined;
  const program = "import('playwright').then(({ chromium }) => console.log(chromium.executablePath()))";
  const asked = spawnSync('node', ['--eval', program], {
    cwd: root,
    env: toolEnvironment(),
    encoding: 'utf8',
  });
  const path = asked.stdout?.trim();
  return path && canRun(path) ? path : undefined;
}

/** @param {string} path */
function canRun(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
