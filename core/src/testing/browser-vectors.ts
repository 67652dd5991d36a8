/**
 * The URL of a file of the shared test vectors for a test that runs in a browser; undefined where the vectors
 * folder is not there, so that the test can skip and say why.
 */
export function vectorsUrl(name: string): string | undefined {
  return __VECTORS_URL__ === '' ? undefined : `${__VECTORS_URL__}/${name}`;
}
