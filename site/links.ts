import { posix } from 'node:path';

/**
 * Where a link of a page leads on the site. `page` and the answer are paths in `docs`; undefined: it leads to a file of the repository, which the site
 * does not have, and only its text is shown.
 *
 * @example
 * linkOnSite('features/gates.md', '../types.md#names'); // '../types.md#names'
 * linkOnSite('stores.md', '../test/unit/sqlite-store.ts'); // undefined
 * linkOnSite('decisions/README.md', '../../README.md'); // '/'
 * linkOnSite('types.md', 'decisions/README.md'); // 'decisions/index.md'
 */
export function linkOnSite(page: string, href: string): string | undefined {
  if (/^([a-z]+:|\/|#)/.test(href)) return href;
  const [path = ''] = href.split('#');
  const target = posix.normalize(posix.join(posix.dirname(page), path));
  if (!target.startsWith('../')) return href.replace(/README\.md(?=#|$)/, 'index.md');
  return target === '../README.md' ? '/' : undefined;
}
