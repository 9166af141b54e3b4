import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ContenderName } from './contenders.ts';

/** Runs one of the `*-process.ts` here: nobody's garbage is in anybody's heap, and nobody's code was compiled for another's. */
export function inProcess(file: string, name: ContenderName, count: number): string {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const flags = ['--expose-gc', '--max-old-space-size=8192'];
  return execFileSync(process.execPath, [...flags, path, name, String(count)], { encoding: 'utf8' });
}

/** What such a process was told to do. */
export function told(names: Readonly<Record<string, unknown>>): { name: ContenderName; count: number } {
  const [name = '', count = ''] = process.argv.slice(2);
  if (!Object.hasOwn(names, name)) throw new Error(`no contender is called ${JSON.stringify(name)}`);
  return { name: name as ContenderName, count: Number(count) };
}
