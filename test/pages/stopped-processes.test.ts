import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type DemoSite, startDemo, until } from './demo-site.ts';
import { type RawChromium, type RawTab, rawChromium } from './raw-chromium.ts';
import { startWitnessServer, type WitnessServer } from './witness-server.ts';

/** A phone's freezer, a debugger, a machine without memory: a process stops without a word, and goes on much later or never. */
let site: DemoSite;
let browser: RawChromium;
let witness: WitnessServer;
beforeAll(async () => {
  site = await startDemo('bench');
});
afterAll(() => site?.close());
beforeEach(async () => {
  browser = await rawChromium();
  witness = await startWitnessServer();
});
/** What is stopped ends with its browser, as SIGKILL needs nobody's help. */
afterEach(async () => {
  await browser?.close();
  await witness?.close();
});

const open = () => browser.open(`${site.url}/stopped.html?witness=${encodeURIComponent(witness.url)}`);
const eventsOf = (tab: RawTab) => tab.evaluate<string[]>('tab.events');
const hasCompleted = (tab: RawTab, jobs: number) =>
  until(
    () => tab.evaluate<Readonly<Record<string, number>>>('tab.count()'),
    ({ completed }) => completed === jobs,
  );

/** Chromium itself may end a transaction that stands still for a minute: an answer that comes then is none of ours. */
const soon = (answer: Promise<string>) =>
  Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 45_000, 'nothing for 45 s'))]);

/** As an app does it: under its own id, again until it is there. */
async function accept(tab: RawTab, id: string): Promise<string[]> {
  const answers: string[] = [];
  await until(
    async () => {
      const answer = await tab.evaluate<string>(`tab.enqueue('${id}')`);
      answers.push(answer);
      return answer;
    },
    (answer) => answer === 'enqueued' || answer === 'duplicate',
  );
  return answers;
}

/** Each has had its effect; another attempt at it has another fence, so that the server could tell. */
function expectEffects(...ids: readonly string[]): void {
  const all = witness.effects.map(({ id, fence }) => `${id} ${fence}`);
  expect(new Set(all).size).toBe(all.length);
  expect(new Set(witness.effects.map(({ id }) => id))).toEqual(new Set(ids));
}

test.each([
  ['an enqueue', `tab.hold('holdfast.jobs', 'put', 'add')`],
  ['a claim', `tab.hold('holdfast.claims', 'put'); tab.work()`],
  ['the end of a job', `tab.hold('holdfast.jobs', 'delete'); tab.work()`],
])(
  'a tab whose process is stopped in the middle of %s keeps no other waiting without end, and nothing is lost',
  async (_, holdIt) => {
    const [stopped, other] = [await open(), await open()];
    await other.evaluate('tab.count()');
    const process = await stopped.process();
    const held = witness.held();
    await stopped.evaluate(`${holdIt}; void tab.enqueue('first')`);
    await held;
    process.stop();
    witness.letGo();
    const answer = await soon(other.evaluate<string>(`tab.enqueue('second')`));
    console.log(`stopped in the middle of a transaction: ${answer}`);
    expect(['enqueued', 'StoreBlocked true']).toContain(answer);
    if (answer !== 'enqueued') expect(await eventsOf(other)).toContain('store:blocked');
    await other.evaluate('tab.work()');

    process.goOn();
    await accept(other, 'second');
    await hasCompleted(other, 2);
    await other.evaluate('tab.halt()');
    await stopped.evaluate('tab.work()');
    await accept(stopped, 'third');
    expect(await hasCompleted(stopped, 3)).toMatchObject({ pending: 0, active: 0, dead: 0 });
    expectEffects('first', 'second', 'third');
  },
);

test('a tab whose process is stopped in the middle of a job: its lock holds the job for a minute after the lease, then another runs it', async () => {
  const [stopped, other] = [await open(), await open()];
  await other.evaluate('tab.work()');
  await other.evaluate('tab.halt()');
  const process = await stopped.process();
  witness.holdEffectOf('first');
  const held = witness.held();
  await stopped.evaluate(`tab.work(9000); tab.enqueue('first')`);
  await held;
  // After whatever its worker has begun beside the job.
  await stopped.evaluate('tab.count()');
  process.stop();
  witness.letGo();

  await other.evaluate('tab.work()');
  expect(await other.evaluate(`tab.enqueue('second')`)).toBe('enqueued');
  await hasCompleted(other, 1);
  expect(witness.effects.map(({ id }) => id)).toEqual(['first', 'second']);
  await hasCompleted(other, 2);
  expectEffects('first', 'second');
  const [before, after] = witness.effects.filter(({ id }) => id === 'first');
  expect(after?.fence).toBeGreaterThan(before?.fence ?? Number.POSITIVE_INFINITY);

  process.goOn();
  await other.evaluate('tab.halt()');
  await until(
    () => eventsOf(stopped),
    (events) => events.includes('job:stale') || events.includes('lease:lost'),
  );
  await accept(stopped, 'third');
  expect(await hasCompleted(stopped, 3)).toMatchObject({ pending: 0, active: 0, dead: 0 });
  expect(witness.effects.map(({ id }) => id)).toEqual(['first', 'second', 'first', 'third']);
});
