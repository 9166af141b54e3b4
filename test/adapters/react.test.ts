import { type Queue, work } from 'holdfast';
import { useCounts, useDeadLetters, useEnqueue, useJob, useJobs } from 'holdfast/react';
import { createElement, memo, StrictMode, Suspense, useState } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';
import { type Jobs, laws, type Mounted, openQueue, shownOf } from './laws.ts';

interface Actions {
  setId: Mounted['setId'];
  enqueue: Mounted['enqueue'];
  redrive: Mounted['redrive'];
}

interface Props {
  readonly queue: Queue<Jobs>;
  readonly first: string | undefined;
  readonly actions: (actions: Actions) => void;
}

function Shown({ queue, first, actions }: Props) {
  const [id, setId] = useState(first);
  const counts = useCounts(queue);
  const job = useJob(queue, id);
  const pushes = useJobs(queue, { state: 'pending', name: 'push' });
  const { redrive, ...dead } = useDeadLetters(queue, { name: 'push' });
  const { enqueue, ...save } = useEnqueue(queue, 'push');
  actions({ setId, enqueue, redrive });
  return JSON.stringify(shownOf({ counts, job, pushes, dead, save }));
}

function mountIn(Around: typeof StrictMode | typeof Suspense, queue: Queue<Jobs>, first: string | undefined) {
  const element = document.createElement('div');
  const root = createRoot(element);
  let actions!: Actions;
  let text = '';
  const shown = createElement(Shown, { queue, first, actions: (given) => (actions = given) });
  flushSync(() => root.render(createElement(Around, {}, shown)));
  const look = () => (text = element.textContent || text);
  return {
    shown: () => JSON.parse(look()),
    setId: (id: string | undefined) => flushSync(() => actions.setId(id)),
    enqueue: (payload: string) => actions.enqueue(payload),
    redrive: (id: string) => actions.redrive(id),
    unmount() {
      look();
      root.unmount();
    },
  };
}

laws('React', (queue, id) => mountIn(Suspense, queue, id));
laws('React, under StrictMode', (queue, id) => mountIn(StrictMode, queue, id));

it('a row whose job is as it was is not drawn anew', async () => {
  const { queue, environment } = openQueue();
  const drawn: string[] = [];
  const Row = memo(({ job }: { readonly job: { readonly id: string; readonly payload: unknown } }) => {
    drawn.push(String(job.payload));
    return null;
  });
  const List = () =>
    useJobs(queue, { state: 'pending' }).data?.jobs.map((job) => createElement(Row, { key: job.id, job }));
  const root = createRoot(document.createElement('div'));
  flushSync(() => root.render(createElement(List)));
  for (const payload of ['a', 'b']) {
    await queue.enqueue('push', payload);
    await environment.advance(50);
    await expect.poll(() => drawn).toContain(payload);
  }
  expect(drawn).toEqual(['a', 'b']);
  root.unmount();
});

it('a component that suspends in the middle goes on with what is there by then', async () => {
  const { queue, environment } = openQueue();
  const { id } = await queue.enqueue('push', 'a');
  let resolve!: () => void;
  let waits: Promise<void> | undefined = new Promise((done) => {
    resolve = done;
  });
  function Slow() {
    const { data } = useJob(queue, id);
    if (waits) throw waits;
    return data?.state ?? 'none';
  }
  const element = document.createElement('div');
  const root = createRoot(element);
  flushSync(() => root.render(createElement(Suspense, { fallback: 'waits' }, createElement(Slow))));
  expect(element.textContent).toBe('waits');
  const worker = work(queue, { push: () => {} });
  await environment.advance(100);
  waits = undefined;
  resolve();
  await expect
    .poll(async () => {
      await environment.advance(50);
      return element.textContent;
    })
    .toBe('none');
  root.unmount();
  await worker.stop();
});
