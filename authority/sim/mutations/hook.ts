import { registerHooks } from 'node:module';
import { edit, type Mutation } from './mutation.ts';

const AUTHORITY = new URL('../../', import.meta.url).href;

/** From now on modules are loaded with this mutation in them. The files are not touched. */
export function install({ edits }: Mutation): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const here = edits.filter(({ file }) => new URL(file, AUTHORITY).href === url);
      if (here.length === 0) return loaded;
      const { source } = loaded;
      const text =
        typeof source === 'string' ? source : new TextDecoder().decode(source ?? new Uint8Array(0));
      return { ...loaded, source: here.reduce(edit, text) };
    },
  });
}
