import { defineConfig } from 'vitepress';
import { sourceAliases } from '../../scripts/entries.ts';
import { markdownRules } from '../markdown.ts';
import { sidebar } from '../sidebar.ts';

const DESCRIPTION = 'A job queue for browsers and Durable Objects: work that was accepted is never lost.';

export default defineConfig({
  title: 'holdfast',
  description: DESCRIPTION,
  lang: 'en',
  srcDir: '../docs',
  rewrites: { 'decisions/README.md': 'decisions/index.md' },
  markdown: { config: markdownRules },
  vite: {
    resolve: { alias: sourceAliases },
    worker: { format: 'es' },
    build: { chunkSizeWarningLimit: 10_000 },
  },
  themeConfig: {
    nav: [
      { text: 'Guides', link: '/outages' },
      { text: 'Promises', link: '/semantics' },
    ],
    sidebar: sidebar as never,
    outline: [2, 3],
    search: { provider: 'local' },
  },
});
