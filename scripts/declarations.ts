/** `npm run build`, its second half: writes the declarations beside the built modules. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';

execFileSync('tsc', ['--project', 'tsconfig.declarations.json'], { stdio: 'inherit' });

// tsc keeps './x.ts' in declarations, but only './x.js' exists where they are read.
for (const path of globSync('dist/**/*.d.ts')) {
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(/(from |import\(|import |module )(['"]\.[^'"]*)\.ts(['"])/g, '$1$2.js$3'));
}
