/** A queue in Vue: composables that show it and enqueue to it. Nothing is read on a server; with its scope each ends. */
import {
  computed,
  type MaybeRefOrGetter,
  onScopeDispose,
  type ShallowRef,
  shallowReadonly,
  shallowRef,
  toValue,
  watchEffect,
} from 'vue';
import {
  type Counts,
  type Definitions,
  type JobId,
  type JobOf,
  type ListAnswer,
  type ListOptions,
  type Queue,
  watch,
} from '../../core/index.ts';
import type { HandleOf, HasContext } from '../../core/queue/context.ts';
import { type EnqueueCall, type EnqueueState, enqueuing } from '../enqueuing.ts';
import { PENDING, type Reading } from '../live.ts';
import {
  type DeadLetterActions,
  type DeadOptions,
  deadLetterActions,
  liveJob,
  liveJobs,
} from '../readings.ts';

export type { DeadLetterActions, DeadOptions, EnqueueCall, EnqueueState, Reading };

/** The parts of an object, each a ref. What they hold is not made reactive. */
export type Refs<Parts> = { readonly [Part in keyof Parts]: Readonly<ShallowRef<Parts[Part]>> };

interface Source<Snapshot> {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => Snapshot;
}

/** After the render, which a server does not do: there the first value stays. */
function useSource<Snapshot>(first: Snapshot, source: () => Source<Snapshot>): ShallowRef<Snapshot> {
  const shown = shallowRef(first) as ShallowRef<Snapshot>;
  watchEffect(
    (onCleanup) => {
      const { subscribe, getSnapshot } = source();
      const show = () => {
        shown.value = getSnapshot();
      };
      onCleanup(subscribe(show));
      show();
    },
    { flush: 'post' },
  );
  return shown;
}

const refsOf = <Value>(reading: ShallowRef<Reading<Value>>): Refs<Reading<Value>> => ({
  data: computed(() => reading.value.data),
  error: computed(() => reading.value.error),
  isPending: computed(() => reading.value.isPending),
});

/**
 * How many jobs there are in each state, live. Undefined until they were read first, and on a server.
 *
 * @example
 * const counts = useCounts(queue); // in the template: {{ counts?.pending }} to send
 */
export const useCounts = (queue: HasContext): Readonly<ShallowRef<Counts | undefined>> =>
  shallowReadonly(useSource<Counts | undefined>(undefined, () => watch(queue)));

/**
 * One job, live. An `id` that `enqueue` returned tells its types. Without an `id` nothing is read.
 *
 * @example
 * const props = defineProps<{ id: string }>();
 * const { data: job, isPending } = useJob(queue, () => props.id); // a job that completed is gone: undefined
 */
export const useJob = <
  Jobs extends Definitions = Definitions,
  Name extends keyof Jobs & string = keyof Jobs & string,
>(
  queue: HandleOf<Jobs>,
  id: MaybeRefOrGetter<string | JobId<Name> | undefined>,
): Refs<Reading<JobOf<Jobs, Name>>> =>
  refsOf(useSource<Reading<JobOf<Jobs, Name>>>(PENDING, () => liveJob(queue, toValue(id))));

/**
 * A page of jobs, live, as `list` returns it. Jobs in which nothing is different are the same objects as before.
 *
 * @example
 * const { data } = useJobs(queue, { state: 'pending', name: 'note.push' });
 * // in the template: <li v-for="job in data?.jobs" :key="job.id">{{ job.payload.id }}</li>
 */
export const useJobs = <
  Jobs extends Definitions = Definitions,
  Name extends keyof Jobs & string = keyof Jobs & string,
>(
  queue: HandleOf<Jobs>,
  options: MaybeRefOrGetter<ListOptions<Name>>,
): Refs<Reading<ListAnswer<JobOf<Jobs, Name>>>> =>
  refsOf(
    useSource<Reading<ListAnswer<JobOf<Jobs, Name>>>>(PENDING, () =>
      liveJobs<Jobs, Name>(queue, { ...toValue(options) }),
    ),
  );

/**
 * The jobs that failed for good, live.
 *
 * @example
 * const { data, redrive } = useDeadLetters(queue);
 * // in the template: <button v-for="job in data?.jobs" @click="redrive(job.id)">{{ job.errors.at(-1)?.message }}: try again</button>
 */
export const useDeadLetters = <
  Jobs extends Definitions = Definitions,
  Name extends keyof Jobs & string = keyof Jobs & string,
>(
  queue: HandleOf<Jobs>,
  options: MaybeRefOrGetter<DeadOptions<Name>> = {},
): Refs<Reading<ListAnswer<JobOf<Jobs, Name>>>> & DeadLetterActions => ({
  ...useJobs<Jobs, Name>(queue, () => ({ ...toValue(options), state: 'dead' })),
  ...deadLetterActions(queue),
});

/**
 * Enqueues jobs of one name, and says what became of the last call.
 *
 * @example
 * const { enqueue, isPending, error } = useEnqueue(queue, 'note.push');
 * // in the template: <button :disabled="isPending" @click="enqueue({ id })">{{ error ? 'Try again' : 'Save' }}</button>
 */
export function useEnqueue<
  Jobs extends Definitions,
  Name extends keyof Jobs & string,
  Options extends object = object,
>(
  queue: Queue<Jobs, Options>,
  name: Name,
): Refs<EnqueueState<Name>> & { readonly enqueue: EnqueueCall<Jobs, Name, Options> } {
  const { enqueue, subscribe, getSnapshot } = enqueuing(queue, name);
  const state = shallowRef(getSnapshot()) as ShallowRef<EnqueueState<Name>>;
  onScopeDispose(
    subscribe(() => {
      state.value = getSnapshot();
    }),
  );
  return { ...refsOf(state), enqueue };
}
