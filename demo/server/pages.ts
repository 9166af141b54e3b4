import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type InlineConfig } from 'vite';
import { sourceAliases } from '../../scripts/entries.ts';

const DEMO = fileURLToPath(new URL('..', import.meta.url));
const REPOSITORY = join(DEMO, '..');
/** A folder for each state of the sources: a server that runs goes on with the one it began with. */
const BUILDS = join(DEMO, '.built');
const KEEP_MS = 24 * 60 * 60 * 1_000;

/**
 * Builds all pages in `root`, the notes app when absent, and returns the folder that they are in. The same sources are built once,
 * whoever asks; `building` is called when that is now, which takes a few seconds.
 */
export async function buildPages(root = DEMO, building = () => {}): Promise<string> {
  const folder = join(BUILDS, await digestOf(root));
  if (!existsSync(folder)) {
    building();
    await mkdir(BUILDS, { recursive: true });
    await forgetOld();
    const draft = await mkdtemp(join(BUILDS, 'draft-'));
    await build(await configOf(root, draft));
    // Renamed when it is whole. When somebody else was faster, theirs is the same.
    await rename(draft, folder).catch(() => rm(draft, { recursive: true }));
  }
  const now = new Date();
  await utimes(folder, now, now);
  return folder;
}

async function configOf(root: string, outDir: string): Promise<InlineConfig> {
  const pages = (await readdir(root)).filter((file) => file.endsWith('.html'));
  const input = pages.map((file) => join(root, file));
  const shared: InlineConfig = {
    root,
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true, rolldownOptions: { input } },
  };
  if (root === DEMO) return { ...shared, configFile: join(DEMO, 'vite.config.ts') };
  return { ...shared, configFile: false, resolve: { alias: sourceAliases }, worker: { format: 'es' } };
}

/** Of everything that a build could read. */
async function digestOf(root: string): Promise<string> {
  const folders = ['src', 'demo', ...(root === DEMO ? [] : ['test'])];
  const listed = await Promise.all(
    folders.map((folder) => readdir(join(REPOSITORY, folder), { recursive: true, withFileTypes: true })),
  );
  const files = listed
    .flat()
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => !/[\\/]\.(built|data|wrangler)[\\/]/.test(file));
  const hash = createHash('sha256').update(root);
  for (const file of [join(REPOSITORY, 'package-lock.json'), ...files.sort()])
    hash.update(file).update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

async function forgetOld(): Promise<void> {
  for (const name of await readdir(BUILDS)) {
    const folder = join(BUILDS, name);
    const { mtimeMs } = await stat(folder);
    if (mtimeMs < Date.now() - KEEP_MS) await rm(folder, { recursive: true, force: true });
  }
}
