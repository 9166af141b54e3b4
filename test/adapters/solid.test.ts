import { createCounts, createDeadLetters, createEnqueue, createJob, createJobs } from 'holdfast/solid';
import { createRenderEffect, createSignal } from 'solid-js';
import { render } from 'solid-js/web';
import { laws, type Mounted, shownOf } from './laws.ts';

laws('Solid', (queue, first) => {
  const [id, setId] = createSignal(first);
  const element = document.createElement('div');
  let actions!: Pick<Mounted, 'enqueue' | 'redrive'>;
  let text = '';
  const unmount = render(() => {
    const counts = createCounts(queue);
    const job = createJob(queue, id);
    const pushes = createJobs(queue, () => ({ state: 'pending', name: 'push' }));
    const dead = createDeadLetters(queue, () => ({ name: 'push' }));
    const save = createEnqueue(queue, 'push');
    actions = { enqueue: save.enqueue, redrive: dead.redrive };
    const shown = document.createElement('p');
    createRenderEffect(() => {
      shown.textContent = JSON.stringify(shownOf({ counts: counts(), job, pushes, dead, save }));
    });
    return shown;
  }, element);
  const look = () => (text = element.textContent || text);
  return {
    shown: () => JSON.parse(look()),
    setId: (now) => void setId(now),
    enqueue: (payload) => actions.enqueue(payload),
    redrive: (one) => actions.redrive(one),
    unmount() {
      look();
      unmount();
    },
  };
});
