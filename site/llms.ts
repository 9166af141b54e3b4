import { readFileSync } from 'node:fs';
import manifest from '../package.json' with { type: 'json' };
import { PROOFS } from './proofs.ts';
import { type SidebarItem, sidebar } from './sidebar.ts';

const DOCS = new URL('../docs/', import.meta.url);
/** Pages that are of no use as text, or not in the package. */
const LEFT_OUT = ['/playground', '/reference/', '/decisions/'];

interface Page {
  readonly text: string;
  /** Its path in `docs`. */
  readonly path: string;
}

const pagesOf = ({ items = [] }: SidebarItem): Page[] =>
  items.flatMap(({ text, link = '' }) =>
    LEFT_OUT.some((start) => link.startsWith(start)) ? [] : [{ text, path: `${link.slice(1)}.md` }],
  );

const read = (path: string) => readFileSync(new URL(path, DOCS), 'utf8');

/** The first sentence of a page, without its links. */
function gist(path: string): string {
  const paragraph = read(path)
    .replace(/^```.*?^```$/gms, '')
    .split(/\n{2,}/)
    .find((part) => /^[A-Z`*]/.test(part));
  const line = (paragraph ?? '').replaceAll('\n', ' ').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  return /^.*?[.:](?= |$)/.exec(line)?.[0].replace(/:$/, '.') ?? line;
}

/**
 * What there is to read, as https://llmstxt.org has it: for whoever reads text and not sites. `folder` is where the pages are, seen from the file.
 *
 * @example
 * writeFileSync('llms.txt', llmsText('docs/'));
 */
export function llmsText(folder: string): string {
  const groups = sidebar
    .map((group) => ({ group, pages: pagesOf(group) }))
    .filter(({ pages }) => pages.length > 0)
    .map(({ group, pages }) => {
      const lines = pages.map(({ text, path }) => `- [${text}](${folder}${path}): ${gist(path)}`);
      return `## ${group.text}\n\n${lines.join('\n')}\n`;
    });
  return `# ${manifest.name}\n\n> ${manifest.description}\n\n${groups.join('\n')}`;
}

/** All those pages, one after the other, without the names of the tests that prove what is promised. */
export function llmsFullText(): string {
  return sidebar
    .flatMap(pagesOf)
    .map(({ path }) => read(path).replace(PROOFS, ''))
    .join('\n\n');
}

/** The pages that `llmsText` names, by their paths in `docs`. */
export const llmsPages = (): readonly string[] => sidebar.flatMap(pagesOf).map(({ path }) => path);
