import type { Token } from './markdown.ts';

/** `[conformance/enqueue] “enqueue › accepts a job”`: a test that proves the promise above it. */
const PROOF = /^\[[\w-]+\/[\w/-]+\] “/;

/** The same in the text of a page: the lines of proofs, and where their files are. */
export const PROOFS = /^ {2}- \[[\w-]+\/[\w/-]+\] “.*\n|^\[[\w-]+\/[\w/-]+\]: .*\n?/gm;

/** Puts each list of proofs into a `<details>`: promises are read without the names of their tests. */
export function foldProofs(tokens: readonly Token[], html: (content: string) => Token): Token[] {
  return tokens.flatMap((token, index) => {
    if (token.type === 'bullet_list_open' && isOfProofs(tokens, index))
      return [html(`<details class="proofs"><summary>${said(proofsOf(tokens, index))}</summary>\n`), token];
    if (token.type === 'bullet_list_close' && isOfProofs(tokens, openingOf(tokens, index)))
      return [token, html('</details>\n')];
    return [token];
  });
}

const said = (proofs: number) => (proofs === 1 ? '1 test' : `${proofs} tests`);

/** The first line in a list: its opening, that of its item, that of a paragraph, the line. */
const isOfProofs = (tokens: readonly Token[], open: number) => PROOF.test(tokens[open + 3]?.content ?? '');

function proofsOf(tokens: readonly Token[], open: number): number {
  const level = tokens[open]!.level;
  const close = tokens.findIndex(
    (token, index) => index > open && token.type === 'bullet_list_close' && token.level === level,
  );
  return tokens
    .slice(open, close)
    .filter((token) => token.type === 'list_item_open' && token.level === level + 1).length;
}

function openingOf(tokens: readonly Token[], close: number): number {
  const level = tokens[close]!.level;
  return tokens.findLastIndex(
    (token, index) => index < close && token.type === 'bullet_list_open' && token.level === level,
  );
}
