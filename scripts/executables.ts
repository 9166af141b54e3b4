import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The path of a program: that in the environment variable when it is set, else the first one in the usual folders, else the first of the
 * other `places` that is there. Throws when the variable names no file.
 */
export function findExecutable(
  variable: string,
  commands: readonly string[],
  places: readonly string[] = [],
): string | undefined {
  const chosen = process.env[variable];
  if (chosen && !existsSync(chosen)) throw new Error(`${variable} names no file: ${chosen}`);
  if (chosen) return chosen;
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/snap/bin'];
  const inFolders = commands.flatMap((command) => folders.map((folder) => join(folder, command)));
  return [...inFolders, ...places].find((path) => existsSync(path));
}
