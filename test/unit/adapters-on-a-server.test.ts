import { createQueue, defineJobs, job } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import * as react from 'holdfast/react';
import * as solid from 'holdfast/solid';
import * as svelte from 'holdfast/svelte';
import * as vue from 'holdfast/vue';
import { createElement } from 'react';
import { renderToString as renderReact } from 'react-dom/server';
import { createRoot } from 'solid-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSSRApp, h } from 'vue';
import { renderToString as renderVue } from 'vue/server-renderer';

const jobs = defineJobs({ push: job<string>() });

/** A server has none: whoever touches it throws. */
const touched = vi.fn();
const noDatabase = new Proxy({}, { get: touched, has: touched });

beforeEach(() => {
  touched.mockReset();
  vi.stubGlobal('indexedDB', noDatabase);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const open = () => createQueue({ name: 'sync', jobs, store: indexedDBStore('app') });

const UNREAD =
  '{"job":{"isPending":true},"pushes":{"isPending":true},"dead":{"isPending":true},"save":{"isPending":false}}';

describe('on a server nothing is read, and what is shown is that', () => {
  it('React, the same each time', () => {
    const queue = open();
    const Shown = () => {
      const counts = react.useCounts(queue);
      const one = react.useJob(queue, 'a');
      const pushes = react.useJobs(queue, { state: 'pending' });
      const dead = react.useDeadLetters(queue);
      const save = react.useEnqueue(queue, 'push');
      return JSON.stringify({ counts, job: one, pushes, dead, save });
    };
    expect(renderReact(createElement(Shown)).replaceAll('&quot;', '"')).toBe(UNREAD);
    expect(touched).not.toHaveBeenCalled();
  });

  it('Vue', async () => {
    const queue = open();
    const app = createSSRApp({
      setup() {
        const counts = vue.useCounts(queue);
        const one = vue.useJob(queue, 'a');
        const pushes = vue.useJobs(queue, { state: 'pending' });
        const dead = vue.useDeadLetters(queue);
        const save = vue.useEnqueue(queue, 'push');
        const pending = { isPending: true };
        expect([one, pushes, dead].map(({ isPending }) => ({ isPending: isPending.value }))).toEqual(
          Array(3).fill(pending),
        );
        return () => h('p', `${counts.value} ${save.isPending.value}`);
      },
    });
    expect(await renderVue(app)).toBe('<p>undefined false</p>');
    expect(touched).not.toHaveBeenCalled();
  });

  it('Svelte', () => {
    const queue = open();
    const counts = svelte.createCounts(queue);
    const one = svelte.createJob(queue, () => 'a');
    const pushes = svelte.createJobs(queue, () => ({ state: 'pending' }));
    const dead = svelte.createDeadLetters(queue);
    const save = svelte.createEnqueue(queue, 'push');
    expect(JSON.stringify({ counts: counts.current, job: one, pushes, dead, save })).toBe(UNREAD);
    expect(touched).not.toHaveBeenCalled();
  });

  it('Solid', () => {
    const queue = open();
    createRoot(() => {
      const counts = solid.createCounts(queue);
      const one = solid.createJob(queue, () => 'a');
      const pushes = solid.createJobs(queue, () => ({ state: 'pending' }));
      const dead = solid.createDeadLetters(queue);
      const save = solid.createEnqueue(queue, 'push');
      expect(JSON.stringify({ counts: counts(), job: one, pushes, dead, save })).toBe(UNREAD);
    });
    expect(touched).not.toHaveBeenCalled();
  });
});
