import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const TIMEOUT_MS = 10_000;

/** The registry that npm on this machine uses; undefined, with the reason, when it does not answer. */
export async function realRegistry(): Promise<{ url: string } | { url: undefined; reason: string }> {
  try {
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry']);
    const url = stdout.trim().replace(/\/*$/, '/');
    const answer = await fetch(new URL('is-plain-obj', url), {
      method: 'HEAD',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.ok) return { url };
    return { url: undefined, reason: `the npm registry answers with ${answer.status}` };
  } catch (error) {
    return {
      url: undefined,
      reason: `no npm registry answers: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

/** A version's tarball, as the registry itself gives it. */
export async function registryTarball(registry: string, name: string, version: string): Promise<Uint8Array> {
  const packument = (await (await fetch(new URL(`${name}/${version}`, registry))).json()) as {
    dist: { tarball: string };
  };
  return new Uint8Array(await (await fetch(packument.dist.tarball)).arrayBuffer());
}
