import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Folder of the tools that `npm ci` installs; its `node` is the Node 24 that everything but these scripts runs on. */
export const toolsFolder = join(root, 'node_modules', '.bin');

/** The pinned Node 24. */
export const pinnedNode = join(toolsFolder, 'node');

/** Environment for the project's tools: the pinned Node comes first. */
export function toolEnvironment() {
  return { ...process.env, PATH: `${toolsFolder}${delimiter}${pathWithoutTools()}` };
}

/** Environment for npm itself, which must not run on a Node that it is about to replace. */
export function machineEnvironment() {
  return { ...process.env, PATH: pathWithoutTools() };
}

function pathWithoutTools() {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== toolsFolder)
    .join(delimiter);
}
