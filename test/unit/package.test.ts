import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { entries } from '../../scripts/entries.ts';
import base from '../../tsconfig.base.json' with { type: 'json' };

/** All that a source imports, and what that imports: packages by name, sources by path. */
function importedBy(path: string, seen = new Set<string>()): Set<string> {
  seen.add(path);
  const text = readFileSync(path, 'utf8');
  for (const [, specifier = ''] of text.matchAll(/^(?:import|export|\}) .*?from '(.+)';$/gm)) {
    const found = specifier.startsWith('.') ? join(dirname(path), specifier) : specifier;
    if (found === specifier) seen.add(found);
    else if (!seen.has(found)) importedBy(found, seen);
  }
  return seen;
}

const PEERS: Readonly<Record<string, readonly string[]>> = {
  'holdfast/testing/conformance': ['fast-check', 'vitest'],
  'holdfast/opentelemetry': ['@opentelemetry/api'],
  'holdfast/react': ['react'],
  'holdfast/vue': ['vue'],
  'holdfast/svelte': ['svelte'],
  'holdfast/solid': ['solid-js'],
};

describe('the package', () => {
  it.each(entries)('has a source for $name, and its types are found there', ({ name, source }) => {
    expect(existsSync(source)).toBe(true);
    expect(Object.entries(base.compilerOptions.paths)).toContainEqual([name, [`./${source}`]]);
  });

  it('has a source for each file that the condition `development` chooses between', () => {
    const { development, default: production } = manifest.imports['#development'];
    for (const file of [development, production])
      expect([file, existsSync(file.replace('./dist/', 'src/').replace('.js', '.ts'))]).toEqual([file, true]);
    expect(readFileSync(production.replace('./dist/', 'src/').replace('.js', '.ts'), 'utf8')).toContain(
      'development: Development | undefined = undefined',
    );
  });

  it('names no path that it does not export', () => {
    expect(Object.keys(base.compilerOptions.paths).sort()).toEqual(entries.map(({ name }) => name).sort());
  });

  it.each(entries)('needs no optional peer for $name, unless that is what it is for', ({ name, source }) => {
    const peers = Object.keys(manifest.peerDependenciesMeta).filter((peer) => importedBy(source).has(peer));
    expect(PEERS[name] ?? []).toEqual(expect.arrayContaining(peers));
  });

  it('compiles in an app whose compiler is not told of `Symbol.asyncDispose`, and checks what it installs', () => {
    const declaring = globSync('src/**/*.ts').filter((path) =>
      readFileSync(path, 'utf8').includes('  [Symbol.asyncDispose]():'),
    );
    expect(declaring).not.toEqual([]);
    const reference = '/// <reference lib="esnext.disposable" preserve="true" />\n';
    for (const path of declaring)
      expect([path, readFileSync(path, 'utf8').startsWith(reference)]).toEqual([path, true]);
  });

  it('is developed with exact versions', () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[a-z]+)?$/.test(version))).toEqual([]);
  });

  it('is locked by content, whatever registry it comes from', () => {
    expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(/"resolved": "http/);
  });
});
