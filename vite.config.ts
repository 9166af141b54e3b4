import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { chromiumLaunch, findChromium } from './scripts/chromium.ts';
import { entries, isExternal, sourceAliases } from './scripts/entries.ts';

/** The projects that need a Chromium; none on a machine without one. */
function chromiumProjects(): TestProjectConfiguration[] {
  if (!findChromium()) {
    if (process.env.VITEST) console.warn('No Chromium was found: the projects that need one are left out.');
    return [];
  }
  return [
    {
      extends: true,
      optimizeDeps: { include: ['fast-check', 'idb', 'uuid'] },
      test: {
        name: 'chromium',
        include: ['test/chromium/**/*.test.ts'],
        browser: {
          enabled: true,
          headless: true,
          screenshotFailures: false,
          provider: playwright({ launchOptions: chromiumLaunch() }),
          instances: [{ browser: 'chromium' }],
        },
      },
    },
    {
      extends: true,
      test: {
        name: 'chromium-pages',
        include: ['test/pages/**/*.test.ts'],
        environment: 'node',
        testTimeout: 120_000,
        hookTimeout: 120_000,
        fileParallelism: false,
        sequence: { groupOrder: 1 }, // after the others: what a page measures is the page alone
      },
    },
  ];
}

export default defineConfig({
  resolve: { alias: sourceAliases },
  build: {
    target: 'es2023',
    minify: false,
    sourcemap: true,
    lib: {
      entry: Object.fromEntries(entries.map(({ output, source }) => [output, source])),
      formats: ['es'],
    },
    rolldownOptions: { external: isExternal, output: { preserveModules: true, preserveModulesRoot: 'src' } },
  },
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], environment: 'node' } },
      {
        extends: true,
        plugins: [cloudflareTest({ wrangler: { configPath: './test/workerd/wrangler.jsonc' } })],
        test: { name: 'workerd', include: ['test/workerd/**/*.test.ts'], testTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'workerd-process',
          include: ['test/edge/**/*.test.ts'],
          environment: 'node',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 }, // after the others: it starts and kills processes
        },
      },
      ...chromiumProjects(),
    ],
  },
});
