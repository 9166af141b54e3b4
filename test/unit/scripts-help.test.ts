import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

/** What the npm scripts of this repository run, with the arguments that they always have. Other tools have a help of their own. */
const scripts = Object.entries(manifest.scripts).flatMap(([name, command]) => {
  const [program, file = '', ...args] = command.split(' ');
  return program === 'node' && file.endsWith('.ts') ? [{ name, file, args }] : [];
});
/** `npm test` hands what it does not know to vitest, `npm run docs` to VitePress. */
const PASS_ON = ['test', 'docs', 'docs:build'];

const run = (file: string, args: readonly string[]) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [file, ...args], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });

describe.concurrent('each npm script', () => {
  it.each(scripts)(
    'prints by --help what `npm run $name` does, and does nothing',
    async ({ name, file, args }) => {
      expect(existsSync(file)).toBe(true);
      const { code, stdout, stderr } = await run(file, [...args, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(name === 'test' ? 'npm test' : `npm run ${name}`);
    },
  );

  it.each(scripts.filter(({ name }) => !PASS_ON.includes(name)))(
    'refuses an option that `npm run $name` does not know, with its usage',
    async ({ name, file, args }) => {
      const { code, stderr } = await run(file, [...args, '--nonsense']);
      expect(code).toBe(2);
      expect(stderr).toContain("'--nonsense'");
      expect(stderr).toContain(`npm run ${name}`);
    },
  );
});
