import { posix } from 'node:path';

/** What the rules read of a manifest. */
export interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly imports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const TESTING = 'dist/testing/';
const NEEDED = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'];
/** Anything that names another module, in code and in declarations. */
const IMPORT = /(?:\bfrom|\bimport|\bimport\()\s*["'](\.{1,2}\/[^"']+)["']/g;
const BARE_IMPORT = /^import ["'](\.[^"']*)["'];?$/gm;
const COMMENT = /\/\*.*?\*\/|^\s*\/\/.*$/gms;

/** What is wrong with what would be published. */
export function packageFaults(files: ReadonlyMap<string, string>, manifest: Manifest): string[] {
  const faults = NEEDED.filter((path) => !files.has(path)).map((path) => `${path} is missing`);
  for (const [name, path] of targetsOf(manifest))
    if (!files.has(posix.normalize(path))) faults.push(`${name} is ${path}, which is missing`);
  for (const [path, text] of files) faults.push(...faultsOfFile(path, text, files));
  return faults;
}

/** Each name that the manifest promises, with each of its files. */
function targetsOf({ exports, imports = {} }: Manifest): (readonly [name: string, path: string])[] {
  return Object.entries({ ...exports, ...imports }).flatMap(([name, target]) =>
    (typeof target === 'string' ? [target] : Object.values(target)).map((path) => [name, path] as const),
  );
}

/** A declaration finds another one beside the module that it names: modules of types alone are not built. */
const isThere = (imported: string, from: string, files: ReadonlyMap<string, string>): boolean =>
  files.has(from.endsWith('.d.ts') ? imported.replace(/\.js$/, '.d.ts') : imported);

function faultsOfFile(path: string, text: string, files: ReadonlyMap<string, string>): string[] {
  if (path.endsWith('.map')) return [`${path}: source maps double what everybody installs`];
  if (!/\.(js|d\.ts)$/.test(path)) return [];
  const code = text.replace(COMMENT, '');
  const faults: string[] = [];
  if (/^\/\/# sourceMappingURL=/m.test(text)) faults.push(`${path}: names a source map`);
  for (const [, imported = ''] of code.matchAll(IMPORT)) {
    const target = posix.join(posix.dirname(path), imported);
    if (!isThere(target, path, files)) faults.push(`${path}: imports ${imported}, which is missing`);
    if (target.startsWith(TESTING) && !path.startsWith(TESTING))
      faults.push(`${path}: imports ${imported}, which is for tests`);
  }
  // A browser without a bundler fetches it for nothing; the package says that no module of it has side effects.
  if (path.endsWith('.js'))
    for (const [, imported] of code.matchAll(BARE_IMPORT))
      faults.push(`${path}: imports nothing of ${imported}`);
  return faults;
}
