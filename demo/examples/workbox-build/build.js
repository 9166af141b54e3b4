// node build.js [folder]: builds into `dist`, or another folder.
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { injectManifest } from 'workbox-build';

const here = import.meta.dirname;
const dist = process.argv[2] ?? join(here, 'dist');

await rm(dist, { recursive: true, force: true });
for (const file of ['index.html', 'app.js']) await cp(join(here, file), join(dist, file));
await build({
  entryPoints: [join(here, 'sw.js')],
  outfile: join(dist, 'sw.js'),
  bundle: true,
  minify: true,
  define: { 'process.env.NODE_ENV': '"production"' },
});
// Puts the list of files to keep in the place of `self.__WB_MANIFEST`.
await injectManifest({
  swSrc: join(dist, 'sw.js'),
  swDest: join(dist, 'sw.js'),
  globDirectory: dist,
  globPatterns: ['**/*.{html,js}'],
  globIgnores: ['sw.js'],
});
