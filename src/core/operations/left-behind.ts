import type { LeftBehind } from '../kernel/abandon.ts';

const words = (text: string): readonly string[] => text.match(/\w+/g) ?? [];

const kept = (name: string, records: string, control = '', job = '', more: Partial<LeftBehind> = {}) =>
  [name, { records: words(records), control: words(control), job: words(job), ...more }] as const;

/** What each feature keeps in a queue that it alone reads, by its name: a page that does not have it any more clears it. One that is not here keeps nothing. */
export const LEFT_BEHIND: ReadonlyMap<string, LeftBehind> = /* @__PURE__ */ new Map<string, LeftBehind>([
  /* @__PURE__ */ kept(
    'flows',
    'batch dependent ended revival',
    'ended batchesSwept',
    'dependsOn blockedBy onDependencyDeath awaited batch extras extraBytes',
    { brings: 'whenDone', parks: true },
  ),
  /* @__PURE__ */ kept('keys', 'key', 'keysSwept'),
  /* @__PURE__ */ kept('limits', 'rate', 'rates rateSweep', 'putOff'),
  // Who reads on by the number of an entry must not meet a smaller one.
  /* @__PURE__ */ kept('log', 'log'),
  /* @__PURE__ */ kept('results', '', 'oldestDead', 'keepResultMs keptMs', { keeps: true }),
  /* @__PURE__ */ kept('schedules', 'schedule', 'ticks ticked'),
]);
