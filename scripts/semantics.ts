/** `npm run check:semantics`: fails unless every promise of docs/semantics.md names tests that there are. */
import { existsSync, readFileSync } from 'node:fs';
import { commandLine } from './command-line.ts';
import { faults } from './promises.ts';

commandLine(import.meta.url, {});
const document = new URL('../docs/semantics.md', import.meta.url);

const found = faults(readFileSync(document, 'utf8'), (path) => {
  const file = new URL(path, document);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
});
for (const fault of found) console.error(`docs/semantics.md, ${fault}`);
process.exitCode = found.length === 0 ? 0 : 1;
