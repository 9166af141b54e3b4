import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { entries } from '../../scripts/entries.ts';
import { versionOf } from '../harness/peers.ts';
import { Workerd } from './workerd.ts';

/** A queue in a Durable Object. */
export interface Contender {
  readonly name: string;
  readonly source: URL;
  /** What it needs from bench/node_modules. */
  readonly packages: readonly string[];
}

const object = (file: string) => new URL(`objects/${file}.ts`, import.meta.url);

export const contenders = {
  holdfast: { name: 'holdfast', source: object('holdfast'), packages: [] },
  withClaim: { name: 'by hand, with a claim', source: object('with-claim'), packages: [] },
  withoutClaim: { name: 'by hand, without a claim', source: object('without-claim'), packages: [] },
  agents: { name: 'agents/queue', source: object('agents'), packages: ['agents'] },
  effect: {
    name: 'Effect PersistedQueue',
    source: object('effect'),
    packages: ['effect', '@effect/sql-sqlite-do'],
  },
} as const satisfies Record<string, Contender>;

/** Starts a workerd with the contender's objects. Rejects with why it cannot be. */
export async function start({ name, source, packages }: Contender): Promise<Workerd> {
  const missing = packages.filter((each) => versionOf(each) === undefined);
  if (missing.length > 0) throw new Error(`${missing.join(' and ')} not installed`);
  return await Workerd.start(name, await bundle(source));
}

async function bundle(source: URL): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(source)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    alias: Object.fromEntries(
      entries.map((entry) => [entry.name, fileURLToPath(new URL(`../../${entry.source}`, import.meta.url))]),
    ),
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}
