import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { sourceAliases } from '../scripts/entries.ts';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  cacheDir: fileURLToPath(new URL('../node_modules/.vite-demo', import.meta.url)),
  resolve: { alias: sourceAliases },
  // Named here so that Vite does not find them late and reload the page in the middle of a note.
  optimizeDeps: { include: ['idb', 'uuid'] },
  worker: { format: 'es' },
});
