import { createRequire } from 'node:module';
import type { Measure } from '../harness/measure.ts';
import { versionOf } from '../harness/peers.ts';
import type { Suite } from '../harness/suite.ts';
import { measureMemory } from './backlog-memory.ts';
import { type Contender, contenders, start } from './contender.ts';
import { measureCosts } from './costs.ts';
import { measureDelay, measureRecovery } from './faults.ts';
import { measureSpeeds } from './speeds.ts';
import type { Workerd } from './workerd.ts';

const { holdfast, ...peers } = contenders;

export const durableObject: Suite = {
  name: 'durable-object',
  async run(options) {
    const lineUp = new Map<string, Workerd>([[holdfast.name, await start(holdfast)]]);
    const missing: string[] = [];
    const started: Contender[] = [];
    try {
      for (const peer of Object.values(peers)) {
        try {
          lineUp.set(peer.name, await start(peer));
          started.push(peer);
        } catch (error) {
          missing.push(`${peer.name}: ${error instanceof Error ? error.message : error}`);
        }
      }
      const found = { measures: [] as Measure[], tables: {} };
      const parts = {
        costs: async () => {
          const costs = await measureCosts(lineUp, options.quick);
          found.tables = { dollars: costs.dollars };
          return costs.measures;
        },
        speeds: () => measureSpeeds(lineUp, options),
        delay: () => measureDelay(lineUp, options),
        recovery: async () => {
          const recovery = await measureRecovery(lineUp, options);
          missing.push(...recovery.missing);
          return recovery.measures;
        },
        memory: () => measureMemory(holdfast, started, options),
      };
      for (const [part, measure] of Object.entries(parts))
        if (part.includes(options.only ?? '')) found.measures.push(...(await measure()));
      return { ...found, versions: versions(), missing };
    } finally {
      for (const workerd of lineUp.values()) await workerd.close();
    }
  },
};

function versions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const { version: miniflare } = require('miniflare/package.json') as { version: string };
  const { version: workerd } = createRequire(require.resolve('miniflare'))('workerd/package.json') as {
    version: string;
  };
  const installed = Object.values(peers).flatMap(({ packages }) => packages);
  return {
    node: process.versions.node,
    workerd,
    miniflare,
    ...Object.fromEntries(installed.map((name) => [name, versionOf(name) ?? 'not installed'])),
  };
}
