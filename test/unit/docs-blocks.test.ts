import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { blocksOf, pages } from './docs-pages.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = fileURLToPath(new URL('docs-blocks', import.meta.url));

/** Those whose code is in files that run: test/unit/docs.test.ts sees to it. */
const RUN = new Set([...pages.map(({ page }) => page), 'react', 'vue', 'svelte', 'solid']);

/** Each block of the other pages, as a module of its own. */
function blocksOfOthers(): { readonly name: string; readonly code: string }[] {
  return globSync('docs/**/*.md', { cwd: ROOT, exclude: ['docs/reference/**'] })
    .map((path) => path.slice('docs/'.length, -'.md'.length))
    .filter((page) => !RUN.has(page))
    .flatMap((page) =>
      blocksOf(page).map((code, index) => ({
        name: `${page.replaceAll('/', '.')}.${index + 1}.ts`,
        code: `${code}export {};\n`,
      })),
    );
}

it('each block of code in docs that is of no file that runs compiles by itself, in the app of docs-blocks/app.ts', () => {
  const blocks = blocksOfOthers();
  expect(blocks).not.toEqual([]);
  rmSync(`${FOLDER}/blocks`, { recursive: true, force: true });
  mkdirSync(`${FOLDER}/blocks`);
  for (const { name, code } of blocks) writeFileSync(`${FOLDER}/blocks/${name}`, code);
  writeFileSync(`${FOLDER}/blocks/jobs.ts`, "export { jobs } from '../jobs.ts';\n");
  const { stdout } = spawnSync(`${ROOT}/node_modules/.bin/tsc`, ['--pretty', 'false', '-p', FOLDER], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
});
