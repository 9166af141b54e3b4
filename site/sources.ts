import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const READ = [
  'package.json',
  'docs/**/*.*',
  'src/**/*.*',
  'scripts/entries.ts',
  'site/*.*',
  'site/playground/*.*',
  'site/.vitepress/*.ts',
  'site/.vitepress/theme/*.*',
];

/** Changes with everything that the site is made of, and is kept beside it: who wants to see the site knows whether it is that of these sources. */
export function digestOfSources(): string {
  const hash = createHash('sha256');
  for (const file of globSync(READ, { cwd: ROOT, exclude: ['docs/reference/**'] }).sort())
    hash.update(file).update(readFileSync(ROOT + file));
  return hash.digest('hex');
}
