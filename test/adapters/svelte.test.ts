import { createCounts, createDeadLetters, createEnqueue, createJob, createJobs } from 'holdfast/svelte';
import { fromStore, toStore, writable } from 'svelte/store';
import { laws, shownOf } from './laws.ts';

laws('Svelte', (queue, first) => {
  const chosen = writable(first);
  const id = fromStore(chosen);
  const counts = createCounts(queue);
  const job = createJob(queue, () => id.current);
  const pushes = createJobs(queue, () => ({ state: 'pending', name: 'push' }));
  const dead = createDeadLetters(queue, () => ({ name: 'push' }));
  const save = createEnqueue(queue, 'push');
  let shown!: ReturnType<typeof shownOf>;
  // Follows what is read, as an effect of a component does.
  const unmount = toStore(() => shownOf({ counts: counts.current, job, pushes, dead, save })).subscribe(
    (now) => {
      shown = now;
    },
  );
  return {
    shown: () => shown,
    setId: chosen.set,
    enqueue: save.enqueue,
    redrive: dead.redrive,
    unmount,
  };
});
