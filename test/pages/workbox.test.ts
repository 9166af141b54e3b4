import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from './demo-site.ts';
import { type Library, type OutboxSite, startOutbox } from './outbox-site.ts';

const KINDS = ['json', 'text', 'blob', 'params', 'form'];
const IDS = [...KINDS, 'navigation'];

let site: OutboxSite | undefined;
afterEach(async () => {
  await site?.close();
  site = undefined;
});

/** What became of requests, by what the server took. */
interface Outcome {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly reordered: readonly string[];
}

function outcomeOf({ got }: OutboxSite, sent: readonly string[]): Outcome {
  const taken = got.filter(({ status }) => status === 200).map(({ id }) => id);
  const first = [...new Set(taken)];
  const wanted = sent.filter((id) => first.includes(id));
  return {
    lost: sent.filter((id) => !first.includes(id)),
    doubled: [...new Set(taken.filter((id, i) => taken.indexOf(id) !== i))],
    reordered: first.filter((id, i) => id !== wanted[i]),
  };
}

/** All kinds of requests made offline, and a form that is submitted. Returns what the page got for them. */
async function sendOffline({ browser, page }: OutboxSite): Promise<readonly string[]> {
  await browser.setOffline(true);
  const said: string[] = [];
  for (const kind of KINDS) said.push(await page.evaluate((each) => window.send(each, each), kind));
  const isForm = (request: { url(): string }) => request.url().endsWith('/api/navigation');
  const ended = Promise.race([
    page.waitForEvent('requestfinished', isForm),
    page.waitForEvent('requestfailed', isForm),
  ]);
  await page.locator('button').click();
  await ended;
  return said;
}

/** Offline; then each meets a 503, and one a network that breaks; the worker is killed once. Until nothing is stored any more. */
async function outage(library: Library): Promise<Outcome> {
  site = await startOutbox(library);
  const { browser, got, answers } = site;
  for (const id of IDS) answers(id, ...(id === 'blob' ? [0, 0, 0] : [503]));
  await sendOffline(site);
  await browser.setOffline(false);
  // The first sync is the browser's own.
  await until(
    async () => got.length,
    (count) => count > 0,
  );
  await site.kill();
  const { left, sync } = site;
  await until(
    async () => {
      await sync();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return left();
    },
    (count) => count === 0,
  );
  return outcomeOf(site, IDS);
}

describe('an app of Workbox with the import of holdfast', () => {
  let ours: OutboxSite;
  beforeAll(async () => {
    ours = await startOutbox('holdfast/workbox');
  });
  afterAll(() => ours?.close());

  it('gets a 202 for what the network failed, and each request arrives once, in order, after one 503', async () => {
    const { browser, got, answers, page } = ours;
    const said = await sendOffline(ours);
    expect(said).toEqual(KINDS.map(() => '202 true'));
    expect(await page.locator('body').textContent()).toContain('"state":"pending"');
    for (const id of IDS) answers(id, 503);
    await browser.setOffline(false);
    await until(
      async () => got.filter(({ status }) => status === 200).length,
      (count) => count === IDS.length,
    );
    expect(got.map(({ id, status }) => [id, status])).toEqual(
      IDS.flatMap((id) => [
        [id, 503],
        [id, 200],
      ]),
    );
    // As they were sent, and recognisable when one came twice.
    const taken = got.filter(({ status }) => status === 200);
    expect(taken.map(({ id, type }) => [id, type])).toEqual([
      ['json', 'application/json'],
      ['text', 'text/plain;charset=UTF-8'],
      ['blob', 'image/png'],
      ['params', 'application/x-www-form-urlencoded;charset=UTF-8'],
      ['form', 'multipart/form-data; '],
      ['navigation', 'application/x-www-form-urlencoded'],
    ]);
    expect(taken.find(({ id }) => id === 'blob')?.bytes).toBe(1_000);
    expect(new Set(got.map(({ key }) => key)).size).toBe(IDS.length);
  });

  it('tells the end to the page that asked', async () => {
    const { browser, answers, page, url } = ours;
    await page.goto(url);
    await page.locator('html[data-ready]').waitFor({ state: 'attached' });
    await browser.setOffline(true);
    await page.evaluate(() => window.send('text', 'taken'));
    await page.evaluate(() => window.send('text', 'refused'));
    answers('refused', 422);
    await browser.setOffline(false);
    const ends = await until(
      () => page.evaluate(() => window.ends),
      (all) => all.length === 2,
    );
    expect(ends.map(({ state, status }) => [state, status])).toEqual([
      ['completed', 200],
      ['dead', 422],
    ]);
  });

  it('has what Workbox had stored before the update, in order, and Workbox has nothing more', async () => {
    site = await startOutbox('workbox-background-sync');
    const { got, answers, page } = site;
    // Two of its replays at once store what they could not send in another order.
    await site.refuseSyncs();
    for (const id of ['a', 'b', 'c']) answers(id, ...Array.from({ length: 20 }, () => 0));
    for (const id of ['a', 'b', 'c'])
      expect(await page.evaluate((each) => window.send('text', each), id)).toBe('failed');
    await site.change('holdfast/workbox');
    for (const id of ['a', 'b', 'c']) answers(id);
    await site.sync();
    await until(
      async () => got.filter(({ status }) => status === 200).length,
      (count) => count === 3,
    );
    expect(outcomeOf(site, ['a', 'b', 'c'])).toEqual({ lost: [], doubled: [], reordered: [] });
  });
});

it('the same app, side by side: what each import lost, doubled and reordered', async () => {
  const theirs = await outage('workbox-background-sync');
  await site?.close();
  const ours = await outage('holdfast/workbox');
  const line = (name: string, { lost, doubled, reordered }: Outcome) =>
    `| ${name} | ${lost.length} | ${doubled.length} | ${reordered.length} |`;
  console.info(
    [
      '| import | lost | doubled | reordered |',
      line('workbox-background-sync', theirs),
      line('holdfast/workbox', ours),
    ].join('\n'),
  );
  expect(ours).toEqual({ lost: [], doubled: [], reordered: [] });
  expect(theirs.lost).not.toEqual([]);
});
