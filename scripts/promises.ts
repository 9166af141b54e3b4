/** Holds a document of promises against the tests that it names. */
import { testTitles } from './test-titles.ts';

/** A top-level list item is a promise. */
const PROMISE = /^- /;
/** A list item inside it names a test: the label of its file, and its full name. */
const PROOF = /^ {2}- \[([^\]]+)\] “(.+)”$/;
/** Where a label leads, relative to the document, as Markdown defines links. */
const LABEL = /^\[([^\]]+)\]: (\S+)$/;

/**
 * What is wrong, each with its line; nothing when every promise names at least one test, and every test named is there.
 * `read` answers the source of a test file by its path as the document has it, undefined when there is none.
 */
export function faults(document: string, read: (path: string) => string | undefined): readonly string[] {
  const lines = document.split('\n');
  const paths = new Map(
    lines.flatMap((line) => {
      const [, label, path] = LABEL.exec(line) ?? [];
      return label === undefined || path === undefined ? [] : [[label, path]];
    }),
  );
  const titles = new Map([...paths.values()].map((path) => [path, titlesOf(read(path))]));
  const found: string[] = [];
  const unproven = new Set<number>();
  let promise: number | undefined;
  for (const [index, line] of lines.entries()) {
    if (PROMISE.test(line)) {
      promise = index + 1;
      unproven.add(promise);
    } else if (/^\s+[-*+] /.test(line)) {
      if (promise !== undefined) unproven.delete(promise);
      const fault = faultOf(line, paths, titles);
      if (fault !== undefined) found.push(`line ${index + 1}: ${fault}`);
    }
  }
  if (promise === undefined) return ['there is no promise'];
  return [...found, ...[...unproven].map((line) => `line ${line}: this promise names no test`)];
}

const titlesOf = (source: string | undefined) => (source === undefined ? undefined : testTitles(source));

function faultOf(
  line: string,
  paths: ReadonlyMap<string, string>,
  titles: ReadonlyMap<string, ReadonlySet<string> | undefined>,
): string | undefined {
  const [, label = '', escaped = ''] = PROOF.exec(line) ?? [];
  if (label === '') return `this names no test: ${line.trim()}`;
  const path = paths.get(label);
  if (path === undefined) return `it is not said where [${label}] is`;
  const known = titles.get(path);
  if (known === undefined) return `there is no ${path}`;
  // Markdown takes a backslash to mean the character behind it.
  const title = escaped.replaceAll('\\', '');
  return known.has(title) ? undefined : `there is no test “${title}” in ${path}`;
}
