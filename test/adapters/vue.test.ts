import { useCounts, useDeadLetters, useEnqueue, useJob, useJobs } from 'holdfast/vue';
import { expect, it } from 'vitest';
import { createApp, effectScope, h, nextTick, ref } from 'vue';
import { laws, type Mounted, openQueue, shownOf } from './laws.ts';

laws('Vue', (queue, first) => {
  const id = ref(first);
  let actions!: Pick<Mounted, 'enqueue' | 'redrive'>;
  const element = document.createElement('div');
  let text = '';
  const app = createApp({
    setup() {
      const counts = useCounts(queue);
      const job = useJob(queue, id);
      const pushes = useJobs(queue, { state: 'pending', name: 'push' });
      const { redrive, ...dead } = useDeadLetters(queue, { name: 'push' });
      const { enqueue, ...save } = useEnqueue(queue, 'push');
      actions = { enqueue, redrive };
      return () =>
        h(
          'p',
          JSON.stringify(
            shownOf({
              counts: counts.value,
              job: { data: job.data.value, error: job.error.value, isPending: job.isPending.value },
              pushes: { data: pushes.data.value },
              dead: { data: dead.data.value },
              save: { data: save.data.value, error: save.error.value, isPending: save.isPending.value },
            }),
          ),
        );
    },
  });
  app.mount(element);
  const look = () => (text = element.textContent || text);
  return {
    shown: () => JSON.parse(look()),
    setId: (now) => {
      id.value = now;
    },
    enqueue: (payload) => actions.enqueue(payload),
    redrive: (one) => actions.redrive(one),
    unmount() {
      look();
      app.unmount();
    },
  };
});

it('ends with a scope that is no component', async () => {
  const { queue, environment, calls } = openQueue();
  const { id } = await queue.enqueue('push', 'a');
  const scope = effectScope();
  const { data } = scope.run(() => useJob(queue, () => id))!;
  await nextTick();
  await environment.advance(50);
  await expect.poll(() => data.value?.payload).toBe('a');
  scope.stop();
  const read = calls();
  await queue.enqueue('push', 'b');
  await environment.advance(1_000);
  expect(calls()).toBe(read + 1);
});
