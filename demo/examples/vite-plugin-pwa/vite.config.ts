import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

export default defineConfig({
  plugins: [
    VitePWA({
      strategies: 'injectManifest', // the service worker is our own
      srcDir: '.',
      filename: 'sw.ts',
      registerType: 'autoUpdate',
      manifest: { name: 'Messages', short_name: 'Messages', theme_color: '#ffffff' },
    }),
  ],
});
