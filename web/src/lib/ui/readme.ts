/** Names that npm takes for a README, the most usual first. */
const readmeName = /^readme(?:\.(?:md|markdown|mdown|rst|txt))?$/i;

/** The README among the files of a package: that of the top folder, Markdown before others. */
export function readmeOf(paths: readonly string[]): string | undefined {
  const readmes = paths.filter((path) => readmeName.test(path));
  return readmes.find((path) => /\.md$/i.test(path)) ?? readmes[0];
}
