import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { playwright } from '@vitest/browser-playwright';
import type { Plugin } from 'vite';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import type { BrowserConfigOptions } from 'vitest/node';
import { chromiumLaunch, findChromium } from './scripts/chromium.ts';
import { entries, isExternal, sourceAliases } from './scripts/entries.ts';
import { findFirefox, firefoxLaunch } from './scripts/firefox.ts';
import { findWebKit, webKitProvider } from './scripts/webkit.ts';
import type { Draw } from './src/testing/conformance/harness.ts';

/** For what hangs. A test that takes long on a machine with other things to do has not failed. */
const PATIENCE_MS = 900_000;

/** How much of the large suites runs in an engine when ENGINES_SEED draws it: all of them take 4, 9 and 5 minutes there. */
const DRAWN_SHARES = { chromium: 0.25, firefox: 0.1, webkit: 0.2, unit: 0.25 };

/** Undefined: all of them. */
function drawOf(project: keyof typeof DRAWN_SHARES): Draw | undefined {
  const seed = process.env.ENGINES_SEED;
  if (seed === undefined || seed === '') return undefined;
  if (!/^\d{1,9}$/.test(seed))
    throw new Error(`ENGINES_SEED is ${JSON.stringify(seed)}: expected a whole number`);
  return { seed: Number(seed), share: DRAWN_SHARES[project] };
}

/** The tests inside a page, in one engine. */
function inPages(
  name: 'chromium' | 'firefox' | 'webkit',
  browser: Pick<BrowserConfigOptions, 'provider' | 'instances' | 'headless'>,
): TestProjectConfiguration {
  return {
    extends: true,
    optimizeDeps: { include: ['axe-core', 'fast-check', 'idb', 'lit', 'lit/directives/repeat.js', 'uuid'] },
    test: {
      name,
      include: ['test/chromium/**/*.test.ts'],
      fileParallelism: false, // two pages share one storage service: both at once take longer than one after the other
      // Vitest's own page around the tests would be drawn in their process: most of a core in WebKit, on a screen that nobody sees.
      browser: {
        enabled: true,
        ui: false,
        connectTimeout: PATIENCE_MS,
        screenshotFailures: false,
        ...browser,
      },
      provide: { draw: drawOf(name) },
    },
  };
}

/** Whole sites with a service worker, driven from outside. */
function serviceWorkers(engine: string, include: string): TestProjectConfiguration {
  return {
    extends: true,
    test: {
      name: `${engine}-service-workers`,
      include: [`test/service-workers/${include}`],
      environment: 'node',
      env: { ENGINE: engine },
    },
  };
}

/** The projects that need a Chromium; none on a machine without one. */
function chromiumProjects(): TestProjectConfiguration[] {
  if (!findChromium()) return missing('Chromium');
  return [
    inPages('chromium', {
      headless: true,
      provider: playwright({ launchOptions: chromiumLaunch() }),
      instances: [{ browser: 'chromium' }],
    }),
    {
      extends: true,
      test: {
        name: 'chromium-pages',
        include: ['test/pages/**/*.test.ts'],
        environment: 'node',
      },
    },
    serviceWorkers('chromium', '**/*.test.ts'),
  ];
}

function firefoxProjects(): TestProjectConfiguration[] {
  if (!findFirefox()) return missing('Firefox');
  return [
    inPages('firefox', {
      headless: true,
      provider: playwright({ launchOptions: firefoxLaunch() }),
      instances: [{ browser: 'firefox' }],
    }),
    serviceWorkers('firefox', '*.test.ts'),
  ];
}

function webKitProjects(): TestProjectConfiguration[] {
  const webKit = findWebKit();
  if (!webKit) return missing('WebKitWebDriver with MiniBrowser and xvfb-run');
  return [
    inPages('webkit', {
      headless: false, // it has a screen, which nobody sees
      provider: webKitProvider(webKit),
      instances: [{ browser: 'webkit' }],
    }),
    serviceWorkers('webkit', '{engines,leaving}.test.ts'),
  ];
}

function missing(what: string): [] {
  if (process.env.VITEST) console.warn(`No ${what} was found: the projects that need one are left out.`);
  return [];
}

/**
 * In the build the file of production is chosen by whoever bundles: `imports` of package.json has another for the condition `development`. In the
 * sources it is a file like any other, so that tests, types and sizes are those of production.
 */
const developmentByCondition: Plugin = {
  name: 'development-by-condition',
  apply: 'build',
  enforce: 'pre',
  resolveId: (source, importer) =>
    importer !== undefined && source.endsWith('/in-development.ts')
      ? { id: '#development', external: true }
      : undefined,
};

export default defineConfig({
  resolve: { alias: sourceAliases },
  plugins: [developmentByCondition],
  build: {
    // The floor has all syntax of the source (test/unit/browser-floor.test.ts). Told its name, the compiler would make WeakMaps of private
    // fields, for a bug of Safari 15 (https://webkit.org/b/236843): three times the processor time a job.
    target: 'es2022',
    minify: false,
    // What is built is not minified, and has the names and comments of the sources: a map would double what everybody installs.
    sourcemap: false,
    lib: {
      entry: {
        ...Object.fromEntries(entries.map(({ output, source }) => [output, source])),
        'core/queue/in-development': 'src/core/queue/in-development.ts',
        'development/index': 'src/development/index.ts',
      },
      formats: ['es'],
    },
    rolldownOptions: {
      external: isExternal,
      // A constant written out where it is used would leave a bare `import './x.js'` behind, which a browser fetches for nothing.
      optimization: { inlineConst: false },
      output: { preserveModules: true, preserveModulesRoot: 'src' },
    },
  },
  test: {
    maxWorkers: '100%', // vitest leaves one core alone, which is half of a machine with two
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          environment: 'node',
          isolate: false,
          provide: { draw: drawOf('unit') },
        },
      },
      {
        extends: true,
        resolve: { conditions: ['browser', 'module', 'default'] },
        ssr: { resolve: { conditions: ['browser', 'module', 'default'] } },
        test: {
          name: 'adapters',
          include: ['test/adapters/**/*.test.ts'],
          environment: 'happy-dom',
          // As bundlers choose between the files of a framework: those of a browser.
          server: { deps: { inline: [/svelte/, /solid-js/, /esm-env/] } },
        },
      },
      {
        extends: true,
        plugins: [cloudflareTest({ wrangler: { configPath: './test/workerd/wrangler.jsonc' } })],
        test: { name: 'workerd', include: ['test/workerd/**/*.test.ts'], isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'workerd-process',
          include: ['test/edge/**/*.test.ts'],
          environment: 'node',
        },
      },
      ...chromiumProjects(),
      ...firefoxProjects(),
      ...webKitProjects(),
    ],
  },
});
