import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('../../../../shared/vectors/', import.meta.url);

/**
 * The path of a file or folder of the shared test vectors, such as `ed25519/ed25519vectors.json`; undefined where
 * they are not there, so that a test can skip and say why. For tests that run in Node.
 */
export function vectorsPath(name: string): string | undefined {
  const path = fileURLToPath(new URL(name, folder));
  return existsSync(path) ? path : undefined;
}
