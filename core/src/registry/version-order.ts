/** Compares two strict semantic versions by precedence (SemVer 2.0.0 §11): negative, zero or positive. */
export function compareVersions(a: string, b: string): number {
  const [coreA, preA] = split(a);
  const [coreB, preB] = split(b);
  for (let i = 0; i < 3; i++) {
    const difference = Number(coreA[i] ?? 0) - Number(coreB[i] ?? 0);
    if (difference !== 0) return difference;
  }
  if (preA.length === 0 || preB.length === 0) return preB.length - preA.length;
  for (let i = 0; i < Math.max(preA.length, preB.length); i++) {
    const difference = compareParts(preA[i], preB[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The version that `latest` means: the highest release, or the highest of all when there is no release. */
export function latestOf<T extends { readonly version: string }>(versions: readonly T[]): T | undefined {
  const releases = versions.filter(({ version }) => split(version)[1].length === 0);
  return (releases.length > 0 ? releases : versions).toSorted((a, b) =>
    compareVersions(b.version, a.version),
  )[0];
}

function split(version: string): [core: string[], prerelease: string[]] {
  const [text = ''] = version.split('+');
  const dash = text.indexOf('-');
  if (dash < 0) return [text.split('.'), []];
  return [text.slice(0, dash).split('.'), text.slice(dash + 1).split('.')];
}

/** Fewer parts come first; numbers before texts. */
function compareParts(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumberA && isNumberB) return Number(a) - Number(b);
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
