/** What a package does on the machine that installs it, as its `package.json` says. */
export interface InstallFacts {
  /** Scripts that npm runs when the package is installed as a dependency, in the order it runs them. */
  readonly scripts: readonly { readonly name: string; readonly command: string }[];
  /** Commands that it puts on the path. */
  readonly commands: readonly string[];
}

const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'] as const;
/** What npm runs by itself where a package brings native code and no script of its own. */
const NATIVE_BUILD = { name: 'install', command: 'node-gyp rebuild' };

/** Reads a `package.json`; `paths` are those of all files of the package. Undefined for what is no JSON object. Total. */
export function readInstallFacts(
  packageJson: Uint8Array,
  paths: readonly string[],
): InstallFacts | undefined {
  const manifest = parseObject(packageJson);
  if (manifest === undefined) return undefined;
  const given = isObject(manifest['scripts']) ? manifest['scripts'] : {};
  const scripts = INSTALL_SCRIPTS.flatMap((name) => {
    const command = Object.hasOwn(given, name) ? given[name] : undefined;
    return typeof command === 'string' && command.trim() !== '' ? [{ name, command }] : [];
  });
  const isNative = paths.includes('binding.gyp') && manifest['gypfile'] !== false;
  const hasOwnBuild = scripts.some(({ name }) => name !== 'postinstall');
  return {
    scripts: isNative && !hasOwnBuild ? [NATIVE_BUILD, ...scripts] : scripts,
    commands: commandsOf(manifest),
  };
}

/** A single command is called like the package, without its scope. */
function commandsOf({ bin, name }: Readonly<Record<string, unknown>>): readonly string[] {
  if (isObject(bin)) return Object.keys(bin);
  return typeof bin === 'string' && typeof name === 'string' ? [name.replace(/^@[^/]*\//, '')] : [];
}

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
