import { readdirSync, readFileSync } from 'node:fs';
import { entries } from '../scripts/entries.ts';

/** A page by its path in `docs` without `.md`, or a group of them. */
export interface SidebarItem {
  readonly text: string;
  readonly link?: string;
  readonly collapsed?: boolean;
  readonly items?: readonly SidebarItem[];
}

const page = (text: string, path: string): SidebarItem => ({ text, link: `/${path}` });

/** The pages of a folder, each by its heading up to a colon. */
function folder(path: string): SidebarItem[] {
  const url = new URL(`../docs/${path}/`, import.meta.url);
  const files = readdirSync(url).filter((file) => file.endsWith('.md') && file !== 'README.md');
  return files.sort().map((file) => {
    const heading = /^# ([^:\n]+)/m.exec(readFileSync(new URL(file, url), 'utf8'));
    return page(heading?.[1] ?? file, `${path}/${file.replace(/\.md$/, '')}`);
  });
}

/** Every page of `docs`, in the order of the site. */
export const sidebar: readonly SidebarItem[] = [
  {
    text: 'Start',
    items: [
      page('Start', 'start'),
      page('Choose your set-up', 'set-up'),
      page('Handlers', 'handlers'),
      page('Troubleshooting', 'troubleshooting'),
      page('How it works', 'how-it-works'),
      page('What it keeps', 'what-it-keeps'),
      page('Comparison', 'comparison'),
    ],
  },
  {
    text: 'Guides',
    items: [
      page('All guides', 'guides'),
      page('Offline sync', 'guides/offline-sync'),
      page('Many edits', 'guides/edits'),
      page('Your own transaction', 'guides/own-transaction'),
      page('Uploads', 'guides/uploads'),
      page('Sign-in and sign-out', 'guides/auth'),
      page('Outages', 'outages'),
      page('Many jobs at once', 'many-jobs'),
      page('Deploys', 'guides/deploys'),
      page('A PWA', 'guides/pwa'),
      page('Frameworks', 'guides/frameworks'),
      page('Cloudflare', 'guides/cloudflare'),
      page('Types', 'types'),
      page('Testing an app', 'testing'),
      page('While you develop', 'development'),
      page('The inspector', 'inspector'),
      page('Playground', 'playground'),
    ],
  },
  {
    text: 'Where a queue runs',
    items: [
      page('Browsers', 'browsers'),
      page('Workers', 'workers'),
      page('Service workers', 'service-workers'),
      page('The HTTP front', 'http-front'),
      page('React', 'react'),
      page('Vue', 'vue'),
      page('Svelte', 'svelte'),
      page('Solid', 'solid'),
      page('A store of your own', 'stores'),
    ],
  },
  {
    text: 'Features',
    items: folder('features'),
  },
  {
    text: 'Coming from',
    items: [
      page('BullMQ', 'migrating-from-bullmq'),
      page('Workbox or Serwist', 'migrating-from-workbox'),
      page('Queues in memory', 'migrating-from-in-memory-queues'),
    ],
  },
  {
    text: 'Reference',
    items: [page('Errors by code', 'errors'), page('Events', 'events')],
  },
  {
    text: 'Entry points',
    items: entries.map(({ name }) => page(name, `reference/${name}`)),
  },
  {
    text: 'What it promises',
    items: [
      page('Promises', 'semantics'),
      page('The simulator', 'simulator'),
      page('Benchmarks', 'benchmarks'),
      { text: 'Decisions', link: '/decisions/', collapsed: true, items: folder('decisions') },
    ],
  },
];
