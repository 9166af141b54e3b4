import '../unit/quiet-lit.ts';

import axe from 'axe-core';
import {
  createQueue,
  DeadLetterError,
  defineJobs,
  drain,
  every,
  flows,
  hold,
  job,
  memoryStore,
  pauseSchedule,
  putSchedule,
  schedules,
} from 'holdfast';
import { defineInspector, type HoldfastInspector } from 'holdfast/inspector';
import { afterEach, describe, expect, it } from 'vitest';

const HTML = '<img src="x" onerror="document.title = 1">';
const jobs = defineJobs({ push: job<unknown>({ maxAttempts: 1 }), mail: job<unknown>() });

/** A queue with something of everything, and the inspector in a place that is so wide. */
async function open(theme: 'light' | 'dark', width = 1_100): Promise<HoldfastInspector> {
  const queue = createQueue({ name: 'sync', jobs, store: memoryStore(), use: [schedules(), flows()] });
  await queue.enqueue('push', { text: HTML }, { id: 'dead', tags: ['red'] });
  await drain(queue, {
    push: () => {
      throw new DeadLetterError(`refused ${HTML}`);
    },
  });
  await queue.enqueue('push', { text: HTML }, { id: 'first', delayMs: 3_600_000, tags: ['red', 'green'] });
  await queue.enqueue('mail', 'x'.repeat(500), { id: 'second', dependsOn: 'first' });
  await queue.enqueue('mail', 1);
  await hold(queue, 'push', Date.now() + 3_600_000);
  for (const id of ['nightly', 'paused'])
    await putSchedule(queue, id, { recurrence: every(3_600_000), name: 'push', payload: 1 });
  await pauseSchedule(queue, 'paused');
  defineInspector();
  const inspector = document.createElement('holdfast-inspector');
  Object.assign(inspector, { queue, theme });
  inspector.style.inlineSize = `${width}px`;
  document.body.append(inspector);
  await shows(inspector, '.figure');
  return inspector;
}

const found = <E extends HTMLElement = HTMLElement>(inspector: HoldfastInspector, selector: string) => [
  ...(inspector.shadowRoot?.querySelectorAll<E>(selector) ?? []),
];

const shows = (inspector: HoldfastInspector, selector: string) =>
  expect.poll(() => found(inspector, selector).length).toBeGreaterThan(0);

async function click(inspector: HoldfastInspector, label: string): Promise<void> {
  const named = () => found(inspector, 'button').find((one) => one.textContent?.trim().startsWith(label));
  await expect.poll(named).toBeDefined();
  named()?.click();
}

/** Each view of it, shown. */
async function* views(inspector: HoldfastInspector): AsyncGenerator<string> {
  yield 'overview';
  await click(inspector, 'Jobs');
  await shows(inspector, '.row');
  yield 'jobs';
  const second = () => found(inspector, '.row .open').find((row) => row.textContent?.includes('second'));
  await expect.poll(second).toBeDefined();
  second()?.click();
  await shows(inspector, '.graph');
  yield 'a job that waits for another';
  await click(inspector, 'Dead letters');
  await shows(inspector, '.row .dead');
  found(inspector, '.row .open')[0]?.click();
  await shows(inspector, '.timeline');
  yield 'a dead letter';
  await click(inspector, 'Edit and retry');
  await shows(inspector, 'dialog[open] textarea');
  yield 'the dialog';
  await click(inspector, 'Keep as it is');
  await expect.poll(() => found(inspector, 'dialog[open]')).toEqual([]);
  await click(inspector, 'Schedules');
  await shows(inspector, '.schedule');
  yield 'schedules';
}

afterEach(() => document.body.replaceChildren());

describe('the inspector in a browser', () => {
  it.each(['light', 'dark'] as const)('has nothing that axe finds wrong, in %s', async (theme) => {
    const inspector = await open(theme);
    for await (const view of views(inspector)) {
      const { violations } = await axe.run(inspector);
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
        view,
      ).toEqual([]);
    }
  });

  it('fits on a phone, and takes nothing of a payload for HTML', async () => {
    const inspector = await open('light', 360);
    for await (const view of views(inspector)) {
      const body = found(inspector, '.body')[0] as HTMLElement;
      expect([view, body.scrollWidth]).toEqual([view, body.clientWidth]);
      expect(inspector.getBoundingClientRect().width).toBe(360);
      expect(found(inspector, 'img')).toEqual([]);
    }
    expect(document.title).not.toBe('1');
  });
});
