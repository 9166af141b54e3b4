import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A field that somebody adds to a type, and the files that the compiler then sends him to. */
interface Added {
  readonly what: string;
  readonly field: string;
  readonly file: string;
  /** The line behind which it is written. */
  readonly after: string;
  readonly asks: readonly string[];
}

const added: readonly Added[] = [
  {
    what: 'an option that stays with its job',
    field: 'plantedCarried',
    file: 'kernel/job.ts',
    after: 'export interface CarriedOptions extends JobOverrides, JobFacts {',
    asks: ['queue/enqueue-options.ts', 'kernel/keyed.ts'],
  },
  {
    what: 'an option that the spec does not know',
    field: 'plantedOption',
    file: 'queue/enqueue-options.ts',
    after: 'export interface EnqueueOptions extends CarriedOptions {',
    asks: ['queue/enqueue-options.ts', 'operations/export-jobs.ts'],
  },
  {
    what: 'a field of specs',
    field: 'plantedSpec',
    file: 'kernel/enqueue-messages.ts',
    after: 'export interface JobSpec extends CarriedOptions {',
    asks: ['kernel/new-row.ts', 'queue/sent-spec.ts'],
  },
  {
    what: 'a field of rows',
    field: 'plantedRow',
    file: 'kernel/job-row.ts',
    after: 'export interface JobRow extends Place, CarriedOptions {',
    asks: ['kernel/view.ts', 'kernel/keyed.ts'],
  },
  {
    what: 'an option of definitions',
    field: 'plantedDefined',
    file: 'queue/definitions.ts',
    after: 'export interface JobOptions {',
    asks: ['queue/definitions.ts'],
  },
  {
    what: 'an override, of enqueues',
    field: 'plantedOverride',
    file: 'kernel/job.ts',
    after: 'export interface JobOverrides {',
    asks: ['queue/enqueue-options.ts', 'queue/job-options.ts', 'kernel/keyed.ts'],
  },
];

describe('a field that is added and forgotten does not compile', () => {
  let folder: string;
  let errors: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-fields-'));
    const to = (path: string) => join(folder, path);
    await cp('src', to('src'), { recursive: true });
    for (const name of ['tsconfig.base.json', 'tsconfig.core.json', 'package.json']) await cp(name, to(name));
    await symlink(resolve('node_modules'), to('node_modules'));
    for (const { field, file, after } of added) {
      const path = to(`src/core/${file}`);
      const text = await readFile(path, 'utf8');
      expect(text.split(after)).toHaveLength(2);
      await writeFile(path, text.replace(after, `${after}\n  readonly ${field}?: string;`));
    }
    const tsc = resolve('node_modules/.bin/tsc');
    errors = await new Promise((done) => {
      execFile(tsc, ['-p', 'tsconfig.core.json', '--pretty', 'false'], { cwd: folder }, (_, stdout) =>
        done(stdout),
      );
    });
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true }));

  it.each(added)('$what', ({ field, asks }) => {
    const files = errors
      .split(/^(?=\S)/m)
      .filter((error) => error.includes(field))
      .map((error) => error.split('(')[0]);
    expect([...new Set(files)]).toEqual(expect.arrayContaining(asks.map((file) => `src/core/${file}`)));
  });
});
