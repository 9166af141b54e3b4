import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { sourceAliases } from '../../scripts/entries.ts';

/** Builds the pages of `/` and `/admin` into `site`, which the Worker serves as static files. */
export async function buildPages(): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: fileURLToPath(new URL('admin', import.meta.url)),
    base: '/admin/',
    resolve: { alias: sourceAliases },
    build: { outDir: '../site/admin', emptyOutDir: true, target: 'es2022' },
  });
  cpSync(new URL('home/index.html', import.meta.url), new URL('site/index.html', import.meta.url));
}
