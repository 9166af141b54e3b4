import { readFileSync } from 'node:fs';

/** The pages whose code is shown from files that run, and the files. */
export const pages = [
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

/** The blocks of code of a page of docs, in their order. */
export function blocksOf(page: string, languages = 'ts'): string[] {
  const text = readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), 'utf8');
  const block = new RegExp(`^\`\`\`(?:${languages})\\n(.*?)^\`\`\`$`, 'gms');
  return Array.from(text.matchAll(block), ([, code = '']) => code);
}
