/** `npm run docs` serves the site of `docs` and shows what changes; `npm run docs:build` makes it in `site/.vitepress/dist`. */
import { spawnSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { usageOf } from '../scripts/command-line.ts';
import { installNested } from '../scripts/nested-package.ts';
import { brokenLinks } from './anchors.ts';
import { llmsFullText, llmsPages, llmsText } from './llms.ts';
import manifest from './package.json' with { type: 'json' };
import { digestOfSources } from './sources.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Runs what is installed here, and answers its exit code. */
const run = (...args: string[]): number =>
  spawnSync(process.execPath, args, { cwd: FOLDER, stdio: 'inherit' }).status ?? 1;

function finish(sources: string): number {
  const dist = `${FOLDER}.vitepress/dist`;
  const broken = brokenLinks(dist);
  for (const link of broken) console.error(`leads nowhere: ${link}`);
  if (broken.length > 0) return 1;
  writeFileSync(`${dist}/llms.txt`, llmsText(''));
  writeFileSync(`${dist}/llms-full.txt`, llmsFullText());
  for (const page of llmsPages()) cpSync(`${FOLDER}../docs/${page}`, `${dist}/${page}`);
  writeFileSync(`${dist}/.sources`, sources);
  return 0;
}

function main([command = '', ...rest]: readonly string[]): number {
  if (rest.includes('--help')) {
    console.log(usageOf(import.meta.url));
    return 0;
  }
  if (command !== 'dev' && command !== 'build') {
    console.error(`site/run.ts got ${JSON.stringify(command)}: expected dev or build`);
    return 2;
  }
  const obstacle = installNested({ name: 'site', folder: FOLDER, dependencies: manifest.dependencies });
  if (obstacle !== undefined) {
    console.error(obstacle);
    return 1;
  }
  const sources = digestOfSources();
  return (
    // What imports these tools: nobody else has them to check its types.
    (command === 'build' ? run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.tools.json') : 0) ||
    run('reference.ts') ||
    run('node_modules/vitepress/bin/vitepress.js', command, '.', ...rest) ||
    (command === 'build' ? finish(sources) : 0)
  );
}

process.exitCode = main(process.argv.slice(2));
