import { count } from 'holdfast';
import { syncAfterEnqueue } from 'holdfast/service-worker';
import { outbox } from './outbox-queue.ts';
import { register } from './register.ts';

/** A page that posts in every way there is, and knows nothing of the queue but how to wake it. */
const bodies = {
  json: (n: number): RequestInit => ({
    body: JSON.stringify({ n }),
    headers: { 'content-type': 'application/json' },
  }),
  form: (n: number): RequestInit => {
    const body = new FormData();
    body.set('n', String(n));
    body.set('file', new File([fileText(n)], `file-${n}.txt`, { type: 'text/x-log' }));
    return { body };
  },
  blob: (n: number): RequestInit => ({ body: new Blob([fileText(n)], { type: 'application/x-blob' }) }),
};

const fileText = (n: number) => `${n} ünïcödé \u0000 ${'x'.repeat(n * 100)}`;

const site = {
  /** Resolves with the status and the id of the job. */
  async post(kind: keyof typeof bodies, lane: string, n: number): Promise<readonly [number, string]> {
    const response = await fetch(`/api/${lane}?n=${n}`, { method: 'POST', ...bodies[kind](n) });
    const { id } = await response.json();
    return [response.status, id];
  },
  /** Leaves the page. */
  submit(lane: string, n: number): void {
    const form = document.createElement('form');
    form.method = 'post';
    form.action = `/api/${lane}?n=${n}`;
    const input = document.createElement('input');
    input.name = 'n';
    input.value = String(n);
    form.append(input);
    document.body.append(form);
    form.submit();
  },
  count: () => count(outbox),
};

declare global {
  interface Window {
    site: typeof site;
  }
}
window.site = site;

await register();
syncAfterEnqueue(outbox);
document.documentElement.dataset.ready = '';
