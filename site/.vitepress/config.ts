import { defineConfig } from 'vitepress';
import manifest from '../../package.json' with { type: 'json' };
import { sourceAliases } from '../../scripts/entries.ts';
import { markdownRules } from '../markdown.ts';
import { sidebar } from '../sidebar.ts';

export default defineConfig({
  title: 'holdfast',
  description: manifest.description,
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
      { text: 'Reference', link: '/reference/holdfast' },
      { text: 'Promises', link: '/semantics' },
    ],
    sidebar: sidebar as never,
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        // The names of tests are in the page of promises, and in no answer.
        _render: (source, env, markdown) =>
          markdown.render(source, env).replace(/<details class="proofs">.*?<\/details>/gs, ''),
      },
    },
  },
});
