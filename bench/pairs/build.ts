import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';

/** A checkout of the package that is built: what is in its `dist` runs, as users get it. */
export interface Build {
  readonly name: Side;
  readonly folder: string;
}

/** What is compared: this checkout with an older one. */
export type Side = 'this' | 'base';

export type Builds = Readonly<Record<Side, Build>>;

const HERE = fileURLToPath(new URL('../..', import.meta.url));

/** Builds this checkout and takes the other as it is. Throws when that is not built. */
export function bothBuilds(base: string): Builds {
  const older: Build = { name: 'base', folder: resolve(base) };
  if (!existsSync(entryOf(older, '.')))
    throw new Error(`${older.folder} is not built: npm ci and npm run build there`);
  const { status, stdout, stderr } = spawnSync('npm', ['run', 'build'], { cwd: HERE, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm run build failed: ${stderr || stdout}`);
  return { this: { name: 'this', folder: HERE }, base: older };
}

/** The file of a public module of the build, `.` or `./edge`. */
export function entryOf({ folder }: Build, subpath: string): string {
  const target = exportsOf(folder)[subpath];
  if (typeof target !== 'object') throw new Error(`${folder} has no entry ${subpath}`);
  return join(folder, target.default);
}

/** Bundles a file of the benchmark with this build in the place of the package. */
export async function bundleWith(of: Build, source: URL, options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(source)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    logLevel: 'silent',
    alias: Object.fromEntries(
      Object.keys(exportsOf(of.folder)).flatMap((subpath) =>
        subpath.endsWith('.json') ? [] : [[subpath.replace('.', 'holdfast'), entryOf(of, subpath)]],
      ),
    ),
    ...options,
  });
  return outputFiles?.[0]?.text ?? '';
}

function exportsOf(folder: string): Readonly<Record<string, { readonly default: string } | string>> {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) throw new Error(`there is no ${path}: expected a checkout of the package`);
  return JSON.parse(readFileSync(path, 'utf8')).exports;
}
