import { readFileSync } from 'node:fs';
import {
  BackgroundSyncPlugin,
  type BackgroundSyncQueue,
  type BackgroundSyncQueueEntry,
  type BackgroundSyncQueueOptions,
  BackgroundSyncQueueStore,
  type QueueEntry,
} from 'holdfast/workbox';
import type * as Serwist from 'serwist';
import { expect, expectTypeOf, it } from 'vitest';
import type { WorkboxPlugin } from 'workbox-core/types.js';
import type * as Holdfast from './app-of-holdfast.ts';
import type * as Workbox from './app-of-workbox.ts';

const read = (name: string) => readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8');

it('an app of Workbox is one of holdfast when one import is another, and both compile', () => {
  // The formatter breaks the import as it is long.
  const body = (name: string) => read(name).slice(read(name).indexOf('export function'));
  expect(body('app-of-holdfast')).toBe(body('app-of-workbox'));
  expectTypeOf<Parameters<typeof Holdfast.makeApp>>().toEqualTypeOf<Parameters<typeof Workbox.makeApp>>();
});

it('the plugin goes where strategies of Workbox and of Serwist take one', () => {
  expectTypeOf<BackgroundSyncPlugin>().toExtend<WorkboxPlugin>();
  expectTypeOf<BackgroundSyncPlugin>().toExtend<Serwist.SerwistPlugin>();
});

it('options and entries of Workbox and of Serwist are options and entries here', () => {
  expectTypeOf<Omit<Serwist.BackgroundSyncQueueOptions, 'onSync'>>().toExtend<BackgroundSyncQueueOptions>();
  expectTypeOf<Serwist.BackgroundSyncQueueEntry>().toExtend<BackgroundSyncQueueEntry>();
  expectTypeOf<QueueEntry>().toExtend<Serwist.BackgroundSyncQueueEntry>();
  expectTypeOf<ConstructorParameters<typeof BackgroundSyncQueue>[0]>().toEqualTypeOf<string>();
  expect([BackgroundSyncPlugin, BackgroundSyncQueueStore].every((each) => typeof each === 'function')).toBe(
    true,
  );
});
