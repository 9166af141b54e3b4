import {
  type Arbitrary,
  array,
  boolean,
  constantFrom,
  integer,
  nat,
  oneof,
  record,
  subarray,
} from 'fast-check';
import type { JobState } from '../../core/kernel/job.ts';
import { command, specOf, type WalkCommand } from './command.ts';
import { claims, extend, failsAndClaims, settles, settlesAndClaims } from './exchanging.ts';
import { fire, putSchedules, removeSchedule } from './scheduling.ts';
import { liveJobs, states } from './state.ts';
import { closeBatch, countBatch, explain, log, putBatch, stats } from './tying.ts';
import type { Walk } from './walk.ts';
import { draft, id, ids, keepRules, ms, name, nth, payload, payloadName, plain, workers } from './words.ts';

const limits = {
  maxDepth: oneof(constantFrom(undefined, undefined, undefined), nat(8)),
  maxBytes: oneof(constantFrom(undefined, undefined, undefined, undefined), nat(400)),
  maxDelayed: oneof(constantFrom(undefined, undefined, undefined, undefined), nat(4)),
  drops: constantFrom(undefined, 'oldest' as const, 'lowest' as const),
};

const enqueue = command(
  'enqueue',
  { drafts: array(draft, { minLength: 1, maxLength: 6, size: 'max' }), ...limits },
  (walk, { drafts, maxDepth, maxBytes, maxDelayed, drops }) =>
    walk.ask('enqueue', {
      jobs: drafts.map((each) => specOf(walk, each)),
      ...(maxDepth === undefined ? {} : { maxDepth }),
      ...(maxBytes === undefined ? {} : { maxBytes }),
      ...(maxDelayed === undefined ? {} : { maxDelayed }),
      ...(drops === undefined ? {} : { drops }),
    }),
);
/** Neighbours in one stream, as many as a store may read or delete at once. */
const enqueueAlike = command(
  'enqueue alike',
  { count: integer({ min: 5, max: ids.length }) },
  (walk, { count }) =>
    walk.ask('enqueue', { jobs: ids.slice(0, count).map((each) => specOf(walk, plain(each))) }),
);

const reclaim = command(
  'reclaim',
  {
    limit: constantFrom(1, 2, 100, 100),
    goneWorkers: subarray([...workers]),
    aliveWorkers: subarray([...workers]),
    bare: boolean(),
  },
  (walk, { limit, goneWorkers, aliveWorkers, bare }) =>
    walk.ask('reclaim', bare ? { limit } : { limit, goneWorkers, aliveWorkers }),
);

/** Jobs by where they stand, or any id at all. */
const selected = array(record({ nth, id, anywhere: constantFrom(false, false, true) }), {
  minLength: 1,
  maxLength: 3,
});

const select = (
  operation: 'cancel' | 'redrive' | 'remove',
  standing: (walk: Walk) => readonly { readonly id: string }[],
) =>
  command(operation, { selected }, (walk, given) => {
    const there = standing(walk);
    return walk.ask(operation, {
      ids: given.selected.map((each) => {
        const found = there[each.nth % Math.max(1, there.length)];
        return each.anywhere || found === undefined ? each.id : found.id;
      }),
    });
  });

const hold = command('hold', { name, forMs: ms }, (walk, given) =>
  walk.ask('hold', { name: given.name, until: walk.now + given.forMs }),
);

const get = command('get', { id }, (walk, given) => walk.ask('get', { id: given.id }));

const list = command(
  'list',
  {
    state: constantFrom<JobState>(...states),
    name: oneof(constantFrom(undefined, undefined), name),
    tag: constantFrom(undefined, undefined, 'a'),
    limit: constantFrom(1, 2, 3, 1_000),
  },
  (walk, { state, name: only, tag, limit }) =>
    walk.list({
      state,
      limit,
      ...(only === undefined ? {} : { name: only }),
      ...(tag === undefined ? {} : { tag }),
    }),
);
/** The queue, or one name. */
const whole = { only: oneof(constantFrom(undefined, undefined), name) };
const pause = command('pause', whole, (walk, { only }) =>
  walk.ask('pause', only === undefined ? {} : { name: only }),
);
const resume = command('resume', whole, (walk, { only }) =>
  walk.ask('resume', only === undefined ? {} : { name: only }),
);
/** Of those that wait. */
const clear = command('clear', { selected }, (walk, given) => {
  const live = liveJobs(walk.state);
  const chosen = given.selected.map((each) => live[each.nth % Math.max(1, live.length)]?.id ?? each.id);
  return walk.ask('cancel', { ids: chosen, waiting: true });
});
const count = command('count', {}, (walk) => walk.ask('count', {}));
const cancel = select('cancel', (walk) => liveJobs(walk.state));
const redrive = select('redrive', (walk) => walk.state.dead);
/** With another payload; one that no store may take is refused. */
const edit = command(
  'redrive edited',
  { nth, edited: payloadName, version: constantFrom(1, 2) },
  (walk, given) => {
    const { dead } = walk.state;
    const found = dead[given.nth % Math.max(1, dead.length)];
    const edit = { payload: payload(given.edited), version: given.version };
    return walk.ask('redrive', { ids: [found?.id ?? 'none'], edit });
  },
);
/** Of all, of a name, or of some that live. */
const retryNow = command(
  'retryNow',
  { selected, only: oneof(constantFrom(undefined, undefined), name), some: constantFrom(false, false, true) },
  (walk, given) => {
    if (!given.some) return walk.ask('retryNow', given.only === undefined ? {} : { name: given.only });
    const live = liveJobs(walk.state);
    return walk.ask('retryNow', {
      ids: given.selected.map((each) => live[each.nth % Math.max(1, live.length)]?.id ?? each.id),
    });
  },
);
const prune = command('prune', { keep: keepRules, limit: constantFrom(1, 100) }, (walk, { keep, limit }) =>
  walk.ask('prune', keep === undefined ? { limit } : { keep, limit }),
);
const remove = select('remove', (walk) => [...walk.state.dead, ...walk.state.completed]);

/** What a walk draws from: what stands here more often is drawn more often. */
export const walkCommands: Arbitrary<WalkCommand>[] = [
  ...[
    enqueue,
    enqueue,
    enqueue,
    enqueueAlike,
    claims,
    claims,
    claims,
    settlesAndClaims,
    settlesAndClaims,
    settlesAndClaims,
    settles,
    settles,
    failsAndClaims,
    failsAndClaims,
  ],
  ...[
    extend,
    reclaim,
    reclaim,
    cancel,
    redrive,
    retryNow,
    edit,
    remove,
    prune,
    hold,
    pause,
    resume,
    resume,
    get,
    list,
    count,
    putSchedules,
    putSchedules,
    fire,
    fire,
    removeSchedule,
    clear,
    putBatch,
    putBatch,
    closeBatch,
    countBatch,
    explain,
    stats,
    log,
  ],
];
