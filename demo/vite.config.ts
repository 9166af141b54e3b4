import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { sourceAliases } from '../scripts/entries.ts';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  resolve: { alias: sourceAliases },
  worker: { format: 'es' },
  build: { rolldownOptions: { checks: { pluginTimings: false } } },
  plugins: [
    VitePWA({
      strategies: 'injectManifest',
      srcDir: '.',
      filename: 'service-worker.ts',
      injectRegister: false, // app/updates.ts does it
      integration: {
        configureCustomSWViteBuild(build) {
          build.logLevel = 'warn';
        },
      },
      injectManifest: {
        rollupFormat: 'iife', // one file without imports, which every browser takes
        globPatterns: ['**/*.{html,js,css,svg,png}'],
      },
      manifest: {
        id: '/',
        name: 'Kelp',
        short_name: 'Kelp',
        description: 'Notes that are kept on this device at once and reach the server when they can.',
        lang: 'en',
        start_url: '/',
        display: 'standalone',
        theme_color: '#1d6b5a',
        background_color: '#f5f5f2',
        categories: ['productivity'],
        icons: [
          { src: '/icons/kelp.svg', type: 'image/svg+xml', sizes: 'any' },
          { src: '/icons/kelp-192.png', type: 'image/png', sizes: '192x192' },
          { src: '/icons/kelp-512.png', type: 'image/png', sizes: '512x512' },
          { src: '/icons/kelp-maskable.svg', type: 'image/svg+xml', sizes: 'any', purpose: 'maskable' },
          { src: '/icons/kelp-maskable-512.png', type: 'image/png', sizes: '512x512', purpose: 'maskable' },
        ],
        shortcuts: [{ name: 'New note', url: '/#new' }],
      },
    }),
  ],
});
