/** The arguments of the npm scripts: `--help` for each of them, and an error for what a script does not know. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The comment at the head of a script says what it does and takes: it is its help, too. */
export function usageOf(script: string): string {
  const head = /^(?:#!.*\n)?\/\*\*(.*?)\*\//s.exec(readFileSync(fileURLToPath(script), 'utf8'))?.[1];
  if (head === undefined) throw new Error(`${script} has no comment at its head`);
  return head.replace(/^ *\* ?/gm, '').trim();
}

/**
 * Reads the arguments of a script as `parseArgs` does. `--help` prints the usage and ends the process; so does what it does not know, with an
 * error and exit code 2.
 *
 * @param script `import.meta.url` of the script
 */
export function commandLine<const Config extends ParseArgsConfig>(script: string, config: Config) {
  if (process.argv.slice(2).includes('--help')) {
    console.log(usageOf(script));
    process.exit(0);
  }
  try {
    return parseArgs<Config>(config);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usageOf(script)}`);
    process.exit(2);
  }
}
