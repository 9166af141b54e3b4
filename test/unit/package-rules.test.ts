import { describe, expect, it } from 'vitest';
import { packageFaults } from '../../scripts/package-rules.ts';

const manifest = {
  exports: {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
  imports: { '#development': { development: './dist/development.js', default: './dist/core.js' } },
};

const sound = {
  'package.json': '{}',
  'README.md': '# holdfast',
  LICENSE: 'MIT',
  'CHANGELOG.md': '# Changelog',
  'dist/index.js': `import { one } from "./core.js";\nimport { openDB } from "idb";\nexport { one };\n`,
  'dist/index.d.ts': `export { one } from './core.js';\n`,
  'dist/core.js': 'export const one = 1;\n',
  'dist/core.d.ts': 'export declare const one: number;\n',
  'dist/development.js': 'export const one = 2;\n',
};

const faultsWith = (change: Readonly<Record<string, string | undefined>>): string[] =>
  packageFaults(
    new Map(
      Object.entries({ ...sound, ...change }).filter(
        (file): file is [string, string] => file[1] !== undefined,
      ),
    ),
    manifest,
  );

describe('the check of the tarball', () => {
  it('is content with modules and declarations that are all there', () => {
    expect(faultsWith({})).toEqual([]);
  });

  it.each(['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'])('wants %s in it', (path) => {
    expect(faultsWith({ [path]: undefined })).toContain(`${path} is missing`);
  });

  it('finds an export and a file of a condition that are not there', () => {
    expect(faultsWith({ 'dist/index.d.ts': undefined })).toEqual([
      '. is ./dist/index.d.ts, which is missing',
    ]);
    expect(faultsWith({ 'dist/development.js': undefined })).toEqual([
      '#development is ./dist/development.js, which is missing',
    ]);
  });

  it.each([
    'import { two } from "./two.js";',
    'export * from "./two.js";',
    'const two = import("./two.js");',
    "type Two = import('./two.js').Two;",
  ])('finds an import of what is not there: %s', (text) => {
    expect(faultsWith({ 'dist/core.js': text })).toEqual([
      'dist/core.js: imports ./two.js, which is missing',
    ]);
  });

  it('keeps what is for tests away from apps', () => {
    const kit = {
      'dist/testing/index.js': 'export * from "../core.js";\n',
      'dist/testing/kit.js': 'export * from "./index.js";\n',
    };
    expect(faultsWith(kit)).toEqual([]);
    expect(faultsWith({ ...kit, 'dist/core.js': 'export * from "./testing/kit.js";' })).toEqual([
      'dist/core.js: imports ./testing/kit.js, which is for tests',
    ]);
  });

  it('refuses source maps, and code that names one', () => {
    expect(faultsWith({ 'dist/core.js.map': '{"sourcesContent":[]}' })).toEqual([
      'dist/core.js.map: source maps double what everybody installs',
    ]);
    expect(faultsWith({ 'dist/core.js': 'export {};\n//# sourceMappingURL=core.js.map\n' })).toEqual([
      'dist/core.js: names a source map',
    ]);
  });

  it('refuses an import that brings nothing, and none that an example in a comment shows', () => {
    expect(faultsWith({ 'dist/index.js': 'import "./core.js";\n' })).toEqual([
      'dist/index.js: imports nothing of ./core.js',
    ]);
    expect(
      faultsWith({ 'dist/index.js': "/**\n * @example\nimport './queue.js';\n */\nexport {};\n" }),
    ).toEqual([]);
  });
});
