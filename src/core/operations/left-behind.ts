import type { LeftBehind } from '../kernel/abandon.ts';
import type { RecordKind } from '../kernel/records.ts';

const records = (...kinds: string[]) => ({ records: kinds as unknown as RecordKind[] });

/** What each feature keeps in a queue that it alone reads, by its name: a page that does not have it any more clears it. One that is not here keeps nothing. */
export const LEFT_BEHIND: ReadonlyMap<string, LeftBehind> = /* @__PURE__ */ new Map<string, LeftBehind>([
  [
    'flows',
    {
      ...records('batch', 'dependent', 'ended', 'revival'),
      brings: 'whenDone',
      parks: true,
      control: ['ended', 'batchesSwept'],
      job: ['dependsOn', 'blockedBy', 'onDependencyDeath', 'awaited', 'batch', 'extras', 'extraBytes'],
    },
  ],
  ['keys', { ...records('key'), control: ['keysSwept'] }],
  ['limits', { ...records('rate'), control: ['rates', 'rateSweep'], job: ['putOff'] }],
  // Who reads on by the number of an entry must not meet a smaller one.
  ['log', records('log')],
  ['results', { control: ['oldestDead'], job: ['keepResultMs', 'keptMs'], keeps: true }],
  ['schedules', { ...records('schedule'), control: ['ticks', 'ticked'] }],
]);
