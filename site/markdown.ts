import { linkOnSite } from './links.ts';
import { foldProofs } from './proofs.ts';

/** As much of a token of markdown-it as is used here. */
export interface Token {
  type: string;
  tag: string;
  content: string;
  readonly level: number;
  readonly children: Token[] | null;
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
}

interface State {
  tokens: Token[];
  readonly env: { readonly relativePath?: string };
  readonly Token: new (type: string, tag: string, nesting: -1 | 0 | 1) => Token;
}

interface MarkdownIt {
  readonly core: { readonly ruler: { push(name: string, rule: (state: State) => void): void } };
}

/** What the site does with the pages of `docs` that GitHub does not. */
export function markdownRules(markdown: MarkdownIt): void {
  markdown.core.ruler.push('links_on_site', ({ tokens, env }) => {
    for (const { children } of tokens)
      if (children !== null) linkOnSiteOnly(children, env.relativePath ?? '');
  });
  markdown.core.ruler.push('no_empty_headers', ({ tokens }) => {
    tokens.forEach((token, index) => {
      if (token.tag !== 'th' || token.type !== 'th_open' || tokens[index + 1]?.content !== '') return;
      token.tag = 'td';
      tokens[index + 2]!.tag = 'td';
    });
  });
  markdown.core.ruler.push('fold_proofs', (state) => {
    if (state.env.relativePath !== 'semantics.md') return;
    const html = (content: string) => Object.assign(new state.Token('html_block', '', 0), { content });
    state.tokens = foldProofs(state.tokens, html);
  });
}

/** Takes links to files of the repository out of a line, and leaves their text. */
function linkOnSiteOnly(tokens: Token[], page: string): void {
  let isOut = false;
  for (const token of [...tokens]) {
    if (token.type === 'link_open') {
      const href = linkOnSite(page, token.attrGet('href') ?? '');
      isOut = href === undefined;
      if (href !== undefined) token.attrSet('href', href);
    }
    if (isOut && (token.type === 'link_open' || token.type === 'link_close'))
      tokens.splice(tokens.indexOf(token), 1);
  }
}
