import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const all = (text: string, pattern: RegExp) => Array.from(text.matchAll(pattern), ([, found = '']) => found);
const asSet = (names: readonly string[]) => [...new Set(names)].sort();

describe('the page of errors', () => {
  it('has every code, and what to do about it', () => {
    const union = /HoldfastErrorCode =(.*?);/s.exec(read('src/core/kernel/errors.ts'))?.[1] ?? '';
    const rows = all(read('docs/errors.md'), /^\| `([A-Z]\w+)` \| .+ \| .+ \|$/gm);
    expect(asSet(rows)).toEqual(asSet(all(union, /'(\w+)'/g)));
  });
});

describe('the page of events', () => {
  it('has every event once', () => {
    const source = read('src/core/queue/emitter.ts');
    const body = /interface QueueEvents.*?\{\n(.*?)\n\}/s.exec(source)?.[1] ?? '';
    const rows = all(read('docs/events.md'), /^\| `([a-z]+:[a-z]+)` \| .+ \| .+ \|$/gm);
    expect([...rows].sort()).toEqual(all(body, /^ {2}'([a-z:]+)':/gm).sort());
  });
});
