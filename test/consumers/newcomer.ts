/**
 * `npm run check:newcomer`: what a newcomer does. Four apps, each of the tarball and of the code on a page of `docs` alone: a page (start.md), one
 * with React (react.md), one with a service worker (service-workers.md), a Worker with a Durable Object (guides/cloudflare.md). Each is compiled
 * strictly, built by Vite, and run in Chromium or in workerd until it has done what its page says. It needs `npm run build`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { chromiumHelp, findChromium } from '../../scripts/chromium.ts';
import { commandLine } from '../../scripts/command-line.ts';
import { packTarball } from '../../scripts/tarball.ts';
import { blocksOf } from '../unit/docs-pages.ts';
import { asksForNotes, driveInChromium, runsWorker } from './newcomer-runs.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** No failure is as late as this on a machine that is not stuck. */
const PATIENCE_MS = 120_000;

interface App {
  readonly name: string;
  /** Beside its package.json and tsconfig.json. */
  readonly files: Readonly<Record<string, string>>;
  readonly libraries: { readonly lib: readonly string[]; readonly types: readonly string[] };
  /** What Vite builds, by the name of what comes of it. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Resolves when the built app in this folder has done what it is for. */
  run(folder: string): Promise<void>;
}

const codeOf = (page: string): string[] => blocksOf(page, 'ts|tsx');

const PAGE = { lib: ['ES2023', 'DOM', 'DOM.Iterable'], types: ['vite/client'] };
const html =
  '<!doctype html><html lang="en"><title>App</title><div id="app"></div><script type="module" src="/src/main.ts"></script></html>';

function firstApp(): App {
  const [queue = ''] = codeOf('start');
  return {
    name: 'a page, from docs/start.md',
    files: { 'index.html': html, 'src/main.ts': "import './queue.ts';\n", 'src/queue.ts': queue },
    libraries: PAGE,
    inputs: { index: 'index.html' },
    run: (folder) =>
      driveInChromium(folder, async ({ page, origin, says }) => {
        await page.goto(origin);
        await says('Hello Ada, at attempt 1');
        await says('Hello Bob, at attempt 2');
      }),
  };
}

function reactApp(): App {
  const [notes = '', queue = ''] = codeOf('react');
  const main = `import { createRoot } from 'react-dom/client';
import { Notes } from './notes/notes.tsx';

createRoot(document.getElementById('app')!).render(<Notes />);
`;
  return {
    name: 'a page with React, from docs/react.md',
    files: {
      'index.html': html.replace('main.ts', 'main.tsx'),
      'src/main.tsx': main,
      'src/notes/notes.tsx': notes,
      'src/notes-queue.ts': queue,
    },
    libraries: PAGE,
    inputs: { index: 'index.html' },
    run: (folder) =>
      driveInChromium(folder, async ({ page, origin, sent }) => {
        await page.goto(origin);
        await page.getByLabel('Note').fill('hold fast');
        await page.getByRole('button', { name: 'Save' }).click();
        await sent('hold fast');
        await page.getByText('Sent.').waitFor();
      }),
  };
}

function serviceWorkerApp(): App {
  const blocks = codeOf('service-workers');
  const named = (name: string) => blocks.find((code) => code.startsWith(`// ${name}\n`)) ?? '';
  const main = `import { save } from './page.ts';

await navigator.serviceWorker.register('/sw.js', { type: 'module' });
document.querySelector('#app')!.addEventListener('click', () => void save('from a tab'));
document.querySelector('#app')!.textContent = 'Save';
`;
  return {
    name: 'a page with a service worker, from docs/service-workers.md',
    files: {
      'index.html': html,
      'src/main.ts': main,
      'src/jobs.ts': named('jobs.ts'),
      'src/page.ts': named('page.ts'),
      'src/sw.ts': named('sw.ts'),
    },
    libraries: PAGE,
    inputs: { index: 'index.html', sw: 'src/sw.ts' },
    run: (folder) =>
      driveInChromium(folder, async ({ page, origin, sent }) => {
        await page.goto(origin);
        await page.getByText('Save').click();
        await sent('from a tab');
      }),
  };
}

function workerApp(): App {
  const [mailer = '', greet = '', front = ''] = codeOf('guides/cloudflare');
  const worker = `import { httpFront, queueClient } from 'holdfast/edge';
${mailer}
interface Env {
  readonly MAILER: DurableObjectNamespace<Mailer>;
}
const whoMay = () => true;

${greet}
${front}
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return request.url.endsWith('/greet') ? Response.json(await greet(env, 'greeted@b.example')) : answer(request, env);
  },
};
`;
  return {
    name: 'a Worker with a Durable Object, from docs/guides/cloudflare.md',
    files: { 'src/worker.ts': worker },
    libraries: { lib: ['ES2023'], types: ['@cloudflare/workers-types'] },
    inputs: { worker: 'src/worker.ts' },
    run: (folder) => runsWorker(`${folder}/worker.js`, asksForNotes),
  };
}

/** What `npm install` of the tarball leaves: the package as packed, and links to what is installed here already. */
function install(tarball: string, modules: string): void {
  for (const name of readdirSync(`${ROOT}/node_modules`)) {
    const packages = name.startsWith('@')
      ? readdirSync(`${ROOT}/node_modules/${name}`).map((part) => `${name}/${part}`)
      : [name];
    for (const each of packages) {
      mkdirSync(dirname(`${modules}/${each}`), { recursive: true });
      symlinkSync(`${ROOT}/node_modules/${each}`, `${modules}/${each}`);
    }
  }
  mkdirSync(`${modules}/holdfast`);
  execFileSync('tar', ['-xzf', tarball, '-C', `${modules}/holdfast`, '--strip-components=1']);
}

function write(folder: string, { files, libraries }: App): void {
  const compilerOptions = {
    ...{ target: 'ES2023', module: 'ESNext', moduleResolution: 'bundler', jsx: 'react-jsx', ...libraries },
    ...{ strict: true, noUncheckedIndexedAccess: true, skipLibCheck: false, noEmit: true },
    ...{ allowImportingTsExtensions: true, verbatimModuleSyntax: true, moduleDetection: 'force' },
  };
  const all = {
    'package.json': JSON.stringify({ private: true, type: 'module' }),
    'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src'] }),
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

async function builds(folder: string, { inputs }: App): Promise<string> {
  execFileSync(`${ROOT}/node_modules/.bin/tsc`, ['--pretty', 'false', '-p', folder], { stdio: 'inherit' });
  const outDir = join(folder, 'dist');
  await build({
    root: folder,
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir,
      target: 'es2023',
      modulePreload: false,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(inputs).map(([name, path]) => [name, join(folder, path)])),
        external: /^cloudflare:/,
        output: { entryFileNames: '[name].js' },
        preserveEntrySignatures: 'strict',
      },
    },
  });
  return outDir;
}

function inTime(running: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => late.reject(new Error(`not done after ${PATIENCE_MS} ms`)), PATIENCE_MS);
  return Promise.race([running, late.promise]).finally(() => clearTimeout(timer));
}

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-newcomer-'));
  const tarball = packTarball();
  install(tarball.path, `${folder}/node_modules`);
  tarball.dispose();
  const apps = [firstApp(), reactApp(), serviceWorkerApp(), workerApp()];
  const attempts = apps.map(async (app, i) => {
    write(`${folder}/app-${i}`, app);
    try {
      await inTime(app.run(await builds(`${folder}/app-${i}`, app)));
      console.log(`works  ${app.name}`);
      return true;
    } catch (error) {
      console.error(`FAILS  ${app.name}: ${error instanceof Error ? error.message : error}`);
      return false;
    }
  });
  const works = await Promise.all(attempts);
  rmSync(folder, { recursive: true });
  return works.includes(false) ? 1 : 0;
}

commandLine(import.meta.url, {});
if (findChromium() === undefined) console.error(chromiumHelp);
process.exitCode = findChromium() === undefined ? 1 : await main();
