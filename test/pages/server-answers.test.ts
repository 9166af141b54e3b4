import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemo, until } from './demo-site.ts';
import { kelp } from './kelp.ts';

let site: DemoSite;
beforeAll(async () => {
  site = await startDemo();
});
afterAll(() => site?.close());

test('a server that answers 500 twice gets three attempts, none before its backoff is over', async () => {
  await site.behave({ mode: 'fail', failTimes: 2 });
  const page = await site.openTab();
  const app = kelp(page);
  await app.write('Third time lucky');
  await until(app.badges, ([badge]) => badge === 'Synced');

  const { keys, requests } = await site.log();
  expect(keys).toMatchObject([{ received: 3, applied: 1 }]);
  expect(requests.map(({ status }) => status)).toEqual([500, 500, 200]);
  const [first = 0, second = 0, third = 0] = requests.map(({ at }) => at);
  console.log(`500, 500, 200: gaps of ${second - first} and ${third - second} ms`);
  expect(second - first).toBeGreaterThanOrEqual(1_000);
  expect(third - second).toBeGreaterThanOrEqual(2_000);
  await page.close();
});

test('a note whose server fails shows when it is tried again, and what was answered', async () => {
  await site.behave({ mode: 'fail' });
  const page = await site.openTab();
  const app = kelp(page);
  await app.write('Not yet');
  await until(app.badges, ([badge]) => badge?.startsWith('Retry in') === true);
  // While nobody gets through, that is no failure of the note.
  await until(app.jobs, ([job]) =>
    /attempt 1 of 8 · .+\nThe server had trouble of its own \(500\)\.$/.test(job ?? ''),
  );
  await site.behave({ mode: 'normal' });
  await until(app.badges, ([badge]) => badge === 'Synced');
  await page.close();
});

test('a server that is down costs no attempt, the page says what is safe, and all goes out at a press when it is back', async () => {
  await site.behave({ mode: 'down' });
  const page = await site.openTab();
  const app = kelp(page);
  for (const title of ['Ebb', 'Flow', 'Slack']) await app.write(title);
  const summary = page.locator('#sync-summary');
  await until(
    () => summary.textContent(),
    (words) => /^The server is down\. 3 changes are safe here\. Next try (in \d+ s|now)\.$/.test(words ?? ''),
  );
  expect(await app.count('dead')).toBe(0);
  // Others have asked for them; each further wait is twice as long.
  await until(site.log, ({ requests }) => requests.filter(({ status }) => status === 503).length >= 6);
  // The last that asked may not have heard yet.
  await until(app.badges, (badges) => badges.slice(0, 3).every((badge) => badge === 'Saved here'));
  await site.behave({ mode: 'normal' });
  await page.getByRole('button', { name: 'Try now' }).click();
  await until(app.badges, (badges) => badges.every((badge) => badge === 'Synced'));
  await page.close();
});

test('a server that is away and comes back needs no hand', async () => {
  await site.behave({ mode: 'down', failTimes: 4 });
  const page = await site.openTab();
  const app = kelp(page);
  for (const title of ['Neap', 'Spring']) await app.write(title);
  await until(app.badges, (badges) => badges.every((badge) => badge === 'Synced'));
  const { requests } = await site.log();
  const tries = requests.filter(({ title }) => title === 'Neap' || title === 'Spring');
  expect(tries.map(({ status }) => status)).toEqual([503, 503, 503, 503, 200, 200]);
  await page.close();
});

test('a note that the server refuses is dead at once and can be seen, the others go on, and it can be retried', async () => {
  const page = await site.openTab();
  const app = kelp(page);
  await site.behave({ mode: 'reject', failTimes: 1 });
  await app.write('Refused');
  await until(
    () => app.count('dead'),
    (dead) => dead === 1,
  );
  expect(await app.jobs()).toEqual([
    expect.stringMatching(
      /^Refused\ndead\nEdit 1 · given up after attempt 1 · .+\nThe server will not take this note as it is \(422\)\. Nothing is tried again by itself/,
    ),
  ]);
  await app.write('Welcome');
  await until(app.badges, ([welcome]) => welcome === 'Synced');
  expect((await app.badges()).slice(0, 4)).toEqual(['Synced', 'Stuck', 'Synced', 'Synced']);
  const refused = (await site.log()).requests.filter(({ title }) => title === 'Refused');
  expect(refused.map(({ status }) => status)).toEqual([422]);

  await page.getByRole('button', { name: 'Retry Refused' }).click();
  await until(app.badges, (badges) => badges.every((badge) => badge === 'Synced'));
  expect((await site.notes()).map(({ text }) => text)).toContain('Refused');
  await page.close();
});

test('a dead job that is discarded leaves a note that says so and can be sent again', async () => {
  const page = await site.openTab();
  const app = kelp(page);
  await site.behave({ mode: 'reject', failTimes: 1 });
  await app.write('Thrown away');
  await page.getByRole('button', { name: 'Discard Thrown away' }).press('Enter');
  await until(app.badges, ([badge]) => badge === 'Not sent');
  expect(await page.evaluate(() => document.activeElement?.textContent), 'has the focus').toBe('Jobs');
  await page.getByRole('button', { name: 'Send again' }).click();
  await until(app.badges, ([badge]) => badge === 'Synced');
  await page.close();
});

test('a busy server is left alone for as long as it asks', async () => {
  const page = await site.openTab();
  const app = kelp(page);
  await site.behave({ mode: 'busy', failTimes: 1, retryAfterS: 2 });
  await app.write('Patience');
  await until(site.log, ({ requests }) => requests.at(-1)?.status === 429);
  await app.write('Behind it');
  await until(app.badges, (badges) => badges.every((badge) => badge === 'Synced'));
  const { requests } = await site.log();
  const busy = requests.findIndex(({ status }) => status === 429);
  const next = requests[busy + 1]?.at ?? 0;
  expect(next - (requests[busy]?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
  await page.close();
});
