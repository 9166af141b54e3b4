import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { sourceAliases } from '../../scripts/entries.ts';

/** Builds the page of `/admin` into `site`, which the Worker serves as static files. */
export async function buildAdmin(): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: fileURLToPath(new URL('admin', import.meta.url)),
    base: '/admin/',
    resolve: { alias: sourceAliases },
    build: { outDir: '../site/admin', emptyOutDir: true, target: 'es2022' },
  });
}
