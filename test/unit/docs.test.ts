import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** Lines without their indentation, which differs where a part is shown alone. */
const flat = (text: string) => text.replace(/^[ \t]+/gm, '').trim();

/** The pages whose code is shown from files that run, and the files. */
const pages = [
  { page: 'start', files: ['start-example/queue.ts', 'start-example/look.ts'] },
  { page: 'set-up', files: ['readme-example.ts'] },
  { page: 'troubleshooting', files: ['guides/why-not.ts'] },
  { page: 'handlers', files: ['readme-example.ts'] },
  { page: 'guides/cloudflare', files: ['../workerd/guide-mailer.ts', '../workerd/guide-client.ts'] },
  ...['offline-sync', 'edits', 'uploads', 'auth', 'own-transaction', 'deploys'].map((guide) => ({
    page: `guides/${guide}`,
    files: [`guides/${guide}.ts`],
  })),
  {
    page: 'guides/pwa',
    files: [
      '../../demo/examples/vite-plugin-pwa/vite.config.ts',
      'service-worker-example/sw.ts',
      'service-worker-example/page.ts',
    ],
  },
  { page: 'guides/frameworks', files: ['guides/badge.ts'] },
  { page: 'stores', files: ['sqlite-tables.ts', 'sqlite-store.ts', 'sqlite-store.test.ts'] },
  { page: 'features/schedules', files: ['schedule-examples.test.ts'] },
  { page: 'simulator', files: ['notes-workload.ts', 'notes-workload.test.ts'] },
  { page: 'features/middleware', files: ['middleware-examples.ts', 'middleware-examples.test.ts'] },
  { page: 'features/schema', files: ['middleware-examples.ts'] },
  { page: 'features/checkpoints', files: ['checkpoint-example.test.ts'] },
  { page: 'features/gates', files: ['gates-examples.ts', 'middleware-examples.ts'] },
  {
    page: 'service-workers',
    files: ['jobs', 'sw', 'page'].map((name) => `service-worker-example/${name}.ts`),
  },
  { page: 'types', files: ['types-example.ts'] },
  { page: 'many-jobs', files: ['flow-examples.test.ts'] },
  { page: 'features/flows', files: ['flow-examples.test.ts'] },
  {
    page: 'testing',
    files: ['note-queue.ts', 'save-button.test.ts', 'handlers.test.ts', 'handlers.node.ts'].map(
      (name) => `testing-example/${name}`,
    ),
  },
  {
    page: 'inspector',
    files: ['inspector-example/page.ts', 'inspector-example.test.ts', 'inspector-example/edge.ts'],
  },
  { page: 'migrating-from-bullmq', files: ['migrating-examples.ts'] },
  { page: 'migrating-from-workbox', files: ['workbox-examples.ts'] },
  { page: 'migrating-from-in-memory-queues', files: ['migrating-examples.ts'] },
];

/** Each page about a framework begins with the app that test/pages/frameworks.test.ts builds and runs. */
it.each([
  ['react', 'tsx'],
  ['vue', 'vue'],
  ['svelte', 'svelte'],
  ['solid', 'tsx'],
])('the code in docs/%s.md is that of the example', (framework, language) => {
  const page = read(`../../docs/${framework}.md`);
  const app = read(`../../demo/examples/${framework}/notes.${language}`);
  expect(page).toContain(`\`\`\`${language}\n${app}\`\`\``);
  expect(page).toContain(`\`\`\`ts\n${read('../../demo/examples/notes-queue.ts')}\`\`\``);
});

describe.each(pages)('the code in docs/$page.md', ({ page, files }) => {
  const text = read(`../../docs/${page}.md`);
  const blocks = Array.from(text.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code ?? '');
  const sources = files.map((file) => flat(read(`./${file}`)));

  it('is there', () => expect(blocks.length).toBeGreaterThan(0));

  it.each(blocks.flatMap((block) => block.split(/^\s*\/\/ …$/m)))(
    'is in a file that tests run: %s',
    (part) => {
      expect(sources.some((source) => source.includes(flat(part)))).toBe(true);
    },
  );
});

const markdown = ['README.md', 'CONTRIBUTING.md', 'demo/README.md'].concat(
  readdirSync(new URL('../../docs', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`),
);

it.each(markdown)('links and pictures of %s lead to what is there', (path) => {
  const page = new URL(`../../${path}`, import.meta.url);
  const targets = Array.from(readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g), ([, to]) => to ?? '');
  const missing = targets.filter((to) => {
    if (/^(https?:|#)/.test(to)) return false;
    const target = new URL(to, page);
    const anchor = target.hash.slice(1);
    target.hash = '';
    if (!existsSync(target)) return true;
    return anchor !== '' && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
  });
  expect(missing).toEqual([]);
});

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  return Array.from(text.matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
