import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { blocksOf, pages } from './docs-pages.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** Lines without their indentation, which differs where a part is shown alone. */
const flat = (text: string) => text.replace(/^[ \t]+/gm, '').trim();

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
  const blocks = blocksOf(page);
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
    .filter((path) => path.endsWith('.md') && !path.startsWith('reference/'))
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
