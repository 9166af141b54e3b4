import { afterAll, beforeAll, expect, test } from 'vitest';
import { crash, type DemoSite, startDemo, until } from './demo-site.ts';
import { kelp } from './kelp.ts';

/** Nobody waits for it: what was sent has to be ended by a crash. */
const FOREVER_MS = 60_000;

let site: DemoSite;
beforeAll(async () => {
  site = await startDemo();
});
afterAll(() => site?.close());

test('a page that crashes while a request is in flight: the next page finishes the job, and it has one effect', async () => {
  await site.behave({ mode: 'normal', slowMs: FOREVER_MS });
  const doomed = await site.openTab();
  await kelp(doomed).write('Written before the crash');
  await until(site.log, ({ requests }) => requests.length === 1);
  await until(kelp(doomed).badges, (badges) => badges.join() === 'Syncing');
  // Before the crash: the service worker may be there at once.
  await site.behave({ mode: 'normal' });
  await crash(doomed);

  const start = Date.now();
  const next = await site.openTab();
  await until(kelp(next).badges, (badges) => badges.join() === 'Synced');
  console.log(`crash in flight: finished ${Date.now() - start} ms after the next page was opened`);
  const { keys, requests } = await site.log();
  expect(keys).toMatchObject([{ title: 'Written before the crash', received: 2, applied: 1 }]);
  expect(requests.map(({ effect }) => effect)).toEqual([true, false]);
  expect(requests[1]?.fence).toBeGreaterThan(requests[0]?.fence ?? Number.POSITIVE_INFINITY);
  await next.close();
});

test('a worker that is killed in the middle of a job: the page starts a new one, and the job runs again', async () => {
  const page = await site.openTab();
  const app = kelp(page);
  await site.behave({ mode: 'normal', slowMs: FOREVER_MS });
  await app.write('Written before the kill');
  await until(site.log, ({ requests }) => requests.length === 3);
  await site.behave({ mode: 'normal' });
  await page.getByRole('button', { name: 'Kill the worker mid-job' }).click();
  await page.getByRole('status').getByText('killed in the middle of “Written before the kill”').waitFor();
  await until(app.badges, (badges) => badges.every((badge) => badge === 'Synced'));
  const { keys } = await site.log();
  expect(keys.at(-1)).toMatchObject({ title: 'Written before the kill', received: 2, applied: 1 });
  await page.close();
});
