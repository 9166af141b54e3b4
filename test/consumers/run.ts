/**
 * `npm run check:types [-- --quick]`: apps of users, compiled strictly against the built package by each TypeScript from 5.5 on, libraries checked, too. `--quick`:
 * by the oldest and the newest.
 */
import { spawn } from 'node:child_process';
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commandLine } from '../../scripts/command-line.ts';
import { installNested } from '../../scripts/nested-package.ts';
import manifest from './package.json' with { type: 'json' };

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MODULES = `${FOLDER}/node_modules`;
const APPS = ['page', 'worker'];

interface Compiler {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

interface Outcome {
  readonly of: string;
  readonly said: string;
  readonly isFine: boolean;
}

/** The oldest first. The newest is what this repository is compiled with. */
const compilers: readonly Compiler[] = [
  ...Object.entries(manifest.dependencies).map(([alias, version]): Compiler => {
    const command = [process.execPath, `${MODULES}/${alias}/bin/tsc`] as const;
    return { name: version.replace('npm:', ''), command };
  }),
  { name: 'typescript of this repository', command: [`${ROOT}/node_modules/.bin/tsc`] },
];

/** Why there are no compilers; undefined: all are there. */
function install(): string | undefined {
  const { dependencies } = manifest;
  const obstacle = installNested({ name: 'test/consumers', folder: FOLDER, dependencies });
  if (obstacle !== undefined) return obstacle;
  rmSync(`${MODULES}/holdfast`, { force: true });
  symlinkSync(ROOT, `${MODULES}/holdfast`);
  return undefined;
}

function compile({ name, command: [program, ...args] }: Compiler, app: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const config = `${FOLDER}/types/tsconfig.${app}.json`;
    const compiling = spawn(program, [...args, '--pretty', 'false', '-p', config]);
    let said = '';
    for (const stream of [compiling.stdout, compiling.stderr])
      stream.on('data', (text) => {
        said += text;
      });
    compiling.on('close', (code) => resolve({ of: `${name}: ${app}`, said, isFine: code === 0 }));
  });
}

const { values } = commandLine(import.meta.url, { options: { quick: { type: 'boolean', default: false } } });
const obstacle = existsSync(`${ROOT}/dist/index.d.ts`) ? install() : 'there is no build: npm run build';
if (obstacle !== undefined) {
  console.error(obstacle);
  process.exitCode = 1;
} else {
  const isQuick = values.quick;
  const chosen = isQuick ? [compilers[0] as Compiler, compilers.at(-1) as Compiler] : compilers;
  for (const compiler of chosen) {
    for (const { of, said, isFine } of await Promise.all(APPS.map((app) => compile(compiler, app)))) {
      console.log(`${isFine ? 'compiles' : 'FAILS'}  ${of}`);
      if (isFine) continue;
      console.error(said);
      process.exitCode = 1;
    }
  }
}
