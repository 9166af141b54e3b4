import { version as esbuild } from 'esbuild';
import type { Goal, Measure } from '../harness/measure.ts';
import { versionOf } from '../harness/peers.ts';
import type { Suite } from '../harness/suite.ts';
import { type App, type Bundle, bundles, type Size, sizeOf } from './bundles.ts';

/** What somebody would load instead, whole. */
interface Yardstick {
  readonly name: string;
  readonly packages: readonly string[];
  readonly app: App;
}

const PEERS: Readonly<Record<string, Yardstick>> = {
  pQueue: {
    name: 'p-queue',
    packages: ['p-queue'],
    app: { code: "export { default } from 'p-queue';" },
  },
  workbox: {
    name: 'workbox-background-sync',
    packages: ['workbox-background-sync'],
    app: { code: "export * from 'workbox-background-sync';" },
  },
  tanstack: {
    name: '@tanstack/offline-transactions',
    packages: ['@tanstack/offline-transactions', '@tanstack/db'],
    app: { code: "export * from '@tanstack/offline-transactions';" },
  },
  agents: {
    name: 'agents/queue and agents/lifecycle',
    packages: ['agents'],
    app: { code: "export { Queue } from 'agents/queue'; export { Lifecycle } from 'agents/lifecycle';" },
  },
};

const YARDSTICKS: readonly (readonly [Bundle, readonly Yardstick[]])[] = [
  [bundles.memory, [PEERS.pQueue!]],
  [bundles.works, [PEERS.workbox!, PEERS.tanstack!]],
  [bundles.edge, [PEERS.agents!]],
];

export const size: Suite = {
  name: 'size',
  async run() {
    const measures: Measure[] = [];
    const missing: string[] = [];
    for (const [bundle, peers] of YARDSTICKS) {
      const ours = await sizeOf(bundle);
      for (const peer of peers) {
        const absent = peer.packages.filter((name) => versionOf(name) === undefined);
        if (absent.length === 0) measures.push(...compare(bundle, ours, peer.name, await sizeOf(peer)));
        else missing.push(`${peer.name}: ${absent.join(' and ')} not installed`);
      }
    }
    const [enqueues, works] = [await sizeOf(bundles.enqueues), await sizeOf(bundles.works)];
    measures.push(...compare(bundles.enqueues, enqueues, bundles.works.name, works));
    return { measures, versions: versions(), missing };
  },
};

function compare(bundle: Bundle, ours: Size, peerName: string, theirs: Size): Measure[] {
  const goal: Goal | undefined =
    bundle.goal === undefined ? undefined : { of: 'figure', at: 'most', value: bundle.goal };
  const of = (how: 'brotli' | 'gzip', wanted: Goal | undefined): Measure => ({
    measure: `${bundle.name}, ${how}`,
    unit: 'bytes',
    better: 'less',
    holdfast: [ours[how]],
    peer: [theirs[how]],
    peerName,
    ...(wanted === undefined ? {} : { goal: wanted }),
  });
  return [of('brotli', goal), of('gzip', undefined)];
}

function versions(): Record<string, string> {
  const packages = Object.values(PEERS).flatMap((peer) => peer.packages);
  return {
    esbuild,
    ...Object.fromEntries(packages.map((name) => [name, versionOf(name) ?? 'not installed'])),
  };
}
