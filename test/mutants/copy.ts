import { rmSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Defect } from './defect.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What is not source: installed, built, or another tool's. */
const isSource = (name: string): boolean => !name.startsWith('.') && !['node_modules', 'dist'].includes(name);

/** A copy of the repository in which defects are planted, one at a time: the repository itself is never touched. */
export class Copy {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** It is removed when the process ends. */
  static async make(): Promise<Copy> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-mutants-'));
    process.once('exit', () => rmSync(folder, { recursive: true, maxRetries: 5 }));
    const filter = (path: string) => isSource(basename(path));
    for (const name of (await readdir(ROOT)).filter(isSource))
      await cp(join(ROOT, name), join(folder, name), { recursive: true, filter });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    return new Copy(folder);
  }

  /** Answers what takes it out again. */
  async plant(defect: Defect): Promise<() => Promise<void>> {
    const path = join(this.folder, defect.file);
    const right = await readFile(path, 'utf8');
    await writeFile(path, planted(right, defect));
    return () => writeFile(path, right);
  }
}

/** Says why a defect cannot be planted any more; undefined: it can. */
export async function obstacle(defect: Defect): Promise<string | undefined> {
  try {
    planted(await readFile(join(ROOT, defect.file), 'utf8'), defect);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function planted(source: string, { name, file, replace: [right, wrong] }: Defect): string {
  const times = source.split(right).length - 1;
  if (times !== 1)
    throw new Error(
      `the defect no longer applies: "${name}" replaces a text that is ${times} times in ${file}`,
    );
  return source.replace(right, () => wrong);
}
