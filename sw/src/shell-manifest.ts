/** The files of the app, as the build left them. */
export interface ShellManifest {
  /** Differs whenever a file does. */
  readonly buildId: string;
  /** Absolute path and SHA-256 (lower-case hex) of every file. */
  readonly files: readonly (readonly [path: string, sha256: string])[];
}

/** The file that every address of a page is answered with. */
export const PAGE_PATH = '/index.html';
