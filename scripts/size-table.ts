/** The README's table of entry points, with the sizes that `npm run check:size` measures. */

/** What size-limit says of one app. */
export interface Measured {
  readonly name: string;
  /** Bytes, minified and compressed with brotli. */
  readonly size: number;
}

interface Row {
  readonly entries: readonly string[];
  readonly text: string;
  /** Apps by their names in .size-limit.ts; the greatest is shown. None: no size is shown. */
  readonly apps?: readonly string[];
  /** The size is what the entry adds, not what an app with it has. */
  readonly isAdded?: true;
}

const adapter = (name: string, framework = name) => `holdfast/${name}, whole, without ${framework} and core`;

export const rows: readonly Row[] = [
  {
    entries: ['holdfast', 'holdfast/work'],
    text: 'the queue, workers, features, and a store in memory',
    apps: ['core with the memory store'],
  },
  {
    entries: ['holdfast/indexeddb'],
    text: 'the store for browsers: a page that only enqueues',
    apps: ['an app that only enqueues, over IndexedDB'],
  },
  {
    entries: [],
    text: 'the same: a page that enqueues and works',
    apps: ['an app that enqueues and works, over IndexedDB'],
  },
  {
    entries: ['holdfast/comlink'],
    text: '[a queue in a web worker](docs/workers.md): its page',
    apps: ['a page whose queue lives in a worker'],
  },
  {
    entries: ['holdfast/service-worker'],
    text: '[jobs after the last tab](docs/service-workers.md): the service worker',
    apps: ['a service worker that only works, over IndexedDB'],
  },
  {
    entries: ['holdfast/edge', 'holdfast/durable-object'],
    text: '[Durable Objects](docs/guides/cloudflare.md), their clients, HTTP',
    apps: ['core with the memory store and the edge queue, devalue included'],
  },
  {
    entries: ['holdfast/browser'],
    text: '[gates](docs/features/gates.md): online, visible, battery, signed in',
    apps: ['core with the memory store, gates() and online()'],
  },
  {
    entries: ['holdfast/cron'],
    text: '[cron patterns](docs/features/schedules.md) for schedules',
    apps: ['core with the memory store and cron, croner included'],
  },
  {
    entries: ['holdfast/react', 'holdfast/vue', 'holdfast/svelte', 'holdfast/solid'],
    text: '[a queue in components](docs/guides/frameworks.md)',
    apps: [adapter('react'), adapter('vue'), adapter('svelte'), adapter('solid', 'solid-js')],
    isAdded: true,
  },
  {
    entries: ['holdfast/requests'],
    text: '[requests](docs/migrating-from-workbox.md), kept and sent again',
    apps: ['a page that only keeps requests, over IndexedDB'],
  },
  {
    entries: ['holdfast/workbox'],
    text: '[the background sync of Workbox and Serwist](docs/migrating-from-workbox.md), by one import',
    apps: ['a service worker with the background sync of Workbox'],
  },
  {
    entries: ['holdfast/inspector'],
    text: '[the inspector](docs/inspector.md)',
    apps: ['core with the memory store and the inspector, lit included'],
  },
  {
    entries: ['holdfast/opentelemetry'],
    text: '[traces and metrics](docs/features/middleware.md)',
    apps: ['core with the memory store, middleware() and openTelemetry()'],
  },
  {
    entries: ['holdfast/store'],
    text: '[what a store of your own is made of](docs/stores.md)',
  },
  {
    entries: ['holdfast/testing', 'holdfast/testing/conformance'],
    text: '[a kit for tests of your app](docs/testing.md), and of a store',
  },
];

/** By how much a size in the README may differ from what is measured. */
const MAX_ERROR_KB = 0.5;

const START = '<!-- sizes: written by node scripts/size.ts --write -->\n';
const END = '<!-- end of sizes -->\n';

function kilobytesOf({ apps }: Row, measured: readonly Measured[]): number | undefined {
  if (apps === undefined) return undefined;
  const sizes = apps.map((app) => {
    const found = measured.find(({ name }) => name === app);
    if (found === undefined) throw new Error(`nobody measures ${JSON.stringify(app)}`);
    return found.size / 1_000;
  });
  return Math.max(...sizes);
}

function lineOf(row: Row, kilobytes: number | undefined): string {
  const [first = '', ...others] = row.entries;
  const short = others.map((entry) => `\`${entry.replace('holdfast', '')}\``);
  const entries = first === '' ? '' : [`\`${first}\``, ...short].join(', ');
  const size = kilobytes === undefined ? '' : `${row.isAdded ? 'adds ' : ''}${kilobytes.toFixed(1)}`;
  return `| ${entries} | ${row.text} | ${size} |\n`;
}

const tableOf = (measured: readonly Measured[]): string =>
  [
    '| import | for | kB |\n| --- | --- | --: |\n',
    ...rows.map((row) => lineOf(row, kilobytesOf(row, measured))),
  ].join('');

/** The README with a table of what was measured. */
export function withTable(readme: string, measured: readonly Measured[]): string {
  const [before, after] = around(readme);
  return `${before}${START}${tableOf(measured)}${END}${after}`;
}

/** What is wrong with the README's table, a line each. */
export function faultsOf(readme: string, measured: readonly Measured[]): string[] {
  const [before, after] = around(readme);
  const shown = readme.slice(before.length + START.length, readme.length - after.length - END.length);
  const lines = shown.split('\n');
  return rows.flatMap((row, i) => {
    const kilobytes = kilobytesOf(row, measured);
    const line = lines[i + 2] ?? '';
    const size = Number(/([\d.]+) \|$/.exec(line)?.[1] ?? Number.NaN);
    const expected = lineOf(row, kilobytes).trim();
    const isRight =
      kilobytes === undefined
        ? line === expected
        : line === lineOf(row, size).trim() && Math.abs(size - kilobytes) <= MAX_ERROR_KB;
    return isRight ? [] : [`README.md has ${JSON.stringify(line)}, measured was ${JSON.stringify(expected)}`];
  });
}

function around(readme: string): [string, string] {
  const [before, ...rest] = readme.split(START);
  const [, after] = rest.join(START).split(END);
  if (before === undefined || after === undefined) throw new Error(`README.md has no ${START.trim()}`);
  return [before, after];
}
