import { defineConfig } from 'vitepress';
import manifest from '../../package.json' with { type: 'json' };
import { sourceAliases } from '../../scripts/entries.ts';
import { markdownRules } from '../markdown.ts';
import { PROOFS } from '../proofs.ts';
import { sidebar } from '../sidebar.ts';

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4" fill="#3451b2"/></svg>';

interface Renderer {
  render(source: string, env: object): string;
}

const texts = new Map<string, string>();

/**
 * Without colours of code, which take most of the time, and the names of tests, which answer nothing. VitePress asks twice for each page, once for
 * what runs in a browser and once for what makes the pages.
 */
function textToSearch(source: string, env: object, markdown: Renderer): string {
  const text =
    texts.get(source) ?? markdown.render(source.replace(/^```\w+$/gm, '```txt').replace(PROOFS, ''), env);
  texts.set(source, text);
  return text;
}

export default defineConfig({
  title: 'holdfast',
  description: manifest.description,
  lang: 'en',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
  srcDir: '../docs',
  rewrites: { 'decisions/README.md': 'decisions/index.md' },
  markdown: {
    config: markdownRules,
    theme: { light: 'github-light-high-contrast', dark: 'github-dark' },
  },
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag === 'holdfast-inspector' } } },
  vite: {
    resolve: { alias: sourceAliases },
    worker: { format: 'es' },
    build: { chunkSizeWarningLimit: 10_000 },
  },
  themeConfig: {
    nav: [
      { text: 'Guides', link: '/outages' },
      { text: 'Playground', link: '/playground' },
      { text: 'Reference', link: '/reference/holdfast' },
      { text: 'Promises', link: '/semantics' },
    ],
    sidebar: sidebar as never,
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        _render: textToSearch,
      },
    },
  },
});
