import { fileURLToPath } from 'node:url';
import { installedVersion, installNested, type NestedPackage } from '../../scripts/nested-package.ts';
import manifest from '../package.json' with { type: 'json' };

const PEERS: NestedPackage = {
  name: 'bench',
  folder: fileURLToPath(new URL('..', import.meta.url)),
  dependencies: manifest.dependencies,
};

/**
 * Installs what `bench/package.json` names, unless that is there. Peers are never asked for their own peers: the Agents SDK names twenty that its
 * queue does not use. Answers why a part is missing; it is tried again the next time.
 */
export const installPeers = (): string | undefined =>
  installNested(PEERS, {
    flags: ['--legacy-peer-deps'],
    before: () => console.error('Installing what holdfast is compared with, into bench/node_modules …'),
  });

/** The version that is installed; undefined: none is, or not the one that is asked for. */
export const versionOf = (name: string): string | undefined => installedVersion(PEERS, name);
