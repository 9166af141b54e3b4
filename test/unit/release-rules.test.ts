import { expect, it } from 'vitest';
import { missingForRelease, type ReleaseState } from '../../scripts/release-rules.ts';

const ready: ReleaseState = {
  manifest: { version: '1.2.0', repository: 'github:someone/something', homepage: 'the docs' },
  changelog: '# Changelog\n\n## [1.2.0]\n\n- More.\n',
  uncommitted: '',
  changesets: [],
  tags: ['v1.1.0'],
};

it('a release wants nothing more when its version is new, described, committed, and says where it comes from', () => {
  expect(missingForRelease(ready)).toEqual([]);
  expect(missingForRelease({ ...ready, changelog: '# Changelog\n\n## 1.2.0\n' })).toEqual([]);
});

it.each<[string, Partial<ReleaseState>, RegExp]>([
  ['the address of its source', { manifest: { version: '1.2.0', homepage: 'the docs' } }, /^`repository` in/],
  ['the address of its docs', { manifest: { version: '1.2.0', repository: {} } }, /^`homepage` in/],
  ['a clean tree', { uncommitted: ' M package.json\n?? new.ts\n' }, /^a clean tree: 2 files/],
  ['what changed in words', { changelog: '# Changelog\n\n## 1.2.01\n' }, /^a heading of 1\.2\.0 in/],
  ['its changesets in a version', { changesets: ['brave-crab.md'] }, /brave-crab\.md of \.changeset/],
  ['a version of its own', { tags: ['v1.2.0'] }, /there is a tag v1\.2\.0$/],
])('a release without %s is refused, and is told so', (_what, change, told) => {
  const missing = missingForRelease({ ...ready, ...change });
  expect(missing).toHaveLength(1);
  expect(missing[0]).toMatch(told);
});
