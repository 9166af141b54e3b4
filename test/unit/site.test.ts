import { existsSync, globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { entries } from '../../scripts/entries.ts';
import { packTarball } from '../../scripts/tarball.ts';
import { linkOnSite } from '../../site/links.ts';
import { llmsPages, llmsText } from '../../site/llms.ts';
import { type SidebarItem, sidebar } from '../../site/sidebar.ts';

const linksOf = (items: readonly SidebarItem[]): string[] =>
  items.flatMap(({ link, items: below = [] }) => [...(link === undefined ? [] : [link]), ...linksOf(below)]);

describe('the text for those who read no sites', () => {
  it('says what each page is about, in a sentence', () => {
    const pages = llmsText('docs/')
      .split('\n')
      .filter((line) => line.startsWith('- '));
    expect(pages.length).toBe(llmsPages().length);
    expect(
      pages.filter((line) => !/^- \[[^\]]+\]\(docs\/[\w/-]+\.md\): [A-Z`*].{5,200}\.$/.test(line)),
    ).toEqual([]);
  });

  it('leads to pages that are in the package, and so is it', () => {
    const { files: packed, dispose } = packTarball();
    dispose();
    const docs = packed.filter((path) => path.startsWith('docs/') && path.endsWith('.md'));
    expect(docs.sort()).toEqual(
      llmsPages()
        .map((page) => `docs/${page}`)
        .sort(),
    );
    expect(packed.includes('llms.txt')).toBe(existsSync('llms.txt'));
  });
});

describe('the site of docs', () => {
  it('has every page in its sidebar once, and no other', () => {
    const pages = globSync('docs/**/*.md')
      .filter((path) => path !== 'docs/index.md' && !path.startsWith('docs/reference/'))
      .map((path) => path.replace(/^docs(\/.*?)(README)?\.md$/, '$1'));
    const reference = entries.map(({ name }) => `/reference/${name}`);
    expect(linksOf(sidebar).sort()).toEqual([...pages, ...reference].sort());
  });

  it.each([
    ['of the same folder', 'features/gates.md', 'owner.md', 'owner.md'],
    ['of a folder above', 'features/gates.md', '../types.md#names', '../types.md#names'],
    ['of the same page', 'types.md', '#names', '#names'],
    ['elsewhere', 'types.md', 'https://zod.dev', 'https://zod.dev'],
    ['a page for a folder', 'types.md', 'decisions/README.md', 'decisions/index.md'],
    ['at the front, for the README', 'decisions/README.md', '../../README.md#more', '/'],
  ])('links to what is %s', (_, page, href, link) => {
    expect(linkOnSite(page, href)).toBe(link);
  });

  it.each([
    ['stores.md', '../test/unit/sqlite-store.ts'],
    ['decisions/0001-operations-once.md', '../../src/core/kernel'],
  ])('does not link to files of the repository', (page, href) => {
    expect(linkOnSite(page, href)).toBeUndefined();
  });
});
