import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { entries } from '../../scripts/entries.ts';
import base from '../../tsconfig.base.json' with { type: 'json' };

describe('the package', () => {
  it.each(entries)('has a source for $name, and its types are found there', ({ name, source }) => {
    expect(existsSync(source)).toBe(true);
    expect(Object.entries(base.compilerOptions.paths)).toContainEqual([name, [`./${source}`]]);
  });

  it('names no path that it does not export', () => {
    expect(Object.keys(base.compilerOptions.paths).sort()).toEqual(entries.map(({ name }) => name).sort());
  });

  it('is developed with exact versions', () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[a-z]+)?$/.test(version))).toEqual([]);
  });

  it('is locked by content, whatever registry it comes from', () => {
    expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(/"resolved": "http/);
  });
});
