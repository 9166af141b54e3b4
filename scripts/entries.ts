import { fileURLToPath } from 'node:url';
import manifest from '../package.json' with { type: 'json' };

/** A public module: its name as users import it, its source, and its place in `dist` without an extension. */
export interface Entry {
  readonly name: string;
  readonly source: string;
  readonly output: string;
}

/** The public modules, read from `exports` in package.json; `dist` mirrors `src`, so each output names its source. */
export const entries: readonly Entry[] = Object.entries(manifest.exports).flatMap(([subpath, target]) => {
  if (typeof target === 'string') return [];
  const output = target.default.replace(/^\.\/dist\/(.*)\.js$/, '$1');
  return [{ name: subpath.replace('.', manifest.name), source: `src/${output}.ts`, output }];
});

/** What Vite needs so that `import 'holdfast/…'` reaches the sources. */
export const sourceAliases = entries.map(({ name, source }) => ({
  find: new RegExp(`^${name}$`),
  replacement: fileURLToPath(new URL(`../${source}`, import.meta.url)),
}));

/** Whether an import stays an import in the build: everything that the user's install brings along. */
export function isExternal(specifier: string): boolean {
  const installed = { ...manifest.dependencies, ...manifest.peerDependencies };
  return Object.keys(installed).some((name) => specifier === name || specifier.startsWith(`${name}/`));
}
