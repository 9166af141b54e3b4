import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

/**
 * Links within a built site that lead to no page of it, or to no place in that page, as `page: link`. VitePress itself refuses links to pages that are not
 * there, and knows nothing of places.
 */
export function brokenLinks(site: string): string[] {
  const pages = new Map(
    globSync('**/*.html', { cwd: site }).map((file) => [`/${file}`, readFileSync(`${site}/${file}`, 'utf8')]),
  );
  const places = new Map(
    Array.from(pages, ([page, html]) => [
      page,
      new Set(Array.from(html.matchAll(/ id="([^"]*)"/g), ([, id = '']) => id)),
    ]),
  );
  const leads = (page: string, href: string): boolean => {
    const [path = '', place] = href.split('#');
    const target = path === '' ? page : posix.resolve(posix.dirname(page), path);
    const found = [target, `${target}.html`, posix.join(target, 'index.html')].find((each) =>
      places.has(each),
    );
    if (found === undefined) return false;
    return place === undefined || place === '' || places.get(found)?.has(decodeURIComponent(place)) === true;
  };
  return Array.from(pages).flatMap(([page, html]) =>
    Array.from(html.matchAll(/<a [^>]*?href="([^"]*)"/g), ([, href = '']) => href)
      .filter((href) => !/^[a-z]+:/.test(href) && !leads(page, href))
      .map((href) => `${page}: ${href}`),
  );
}
