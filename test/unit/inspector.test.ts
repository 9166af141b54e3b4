// @vitest-environment happy-dom
import './quiet-lit.ts';

import {
  cancel,
  count,
  createQueue,
  DeadLetterError,
  defineJobs,
  drain,
  every,
  explain,
  expose,
  get,
  type Handle,
  job,
  list,
  listSchedules,
  memoryStore,
  putSchedule,
  redrive,
  remoteQueue,
  StoreError,
  schedules,
  stats,
  work,
  workers,
} from 'holdfast';
import { cron } from 'holdfast/cron';
import { defineInspector, type HoldfastInspector, inspectorPanel } from 'holdfast/inspector';
import { type FakeEnvironment, fakeEnvironment } from 'holdfast/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchedStore } from './watched-store.ts';

const jobs = defineJobs({ push: job<unknown>({ maxAttempts: 1 }), mail: job<unknown>() });
const HTML = '<img src="x" onerror="alert(1)"><b id="bold">bold</b>';

/** A queue, the inspector on it, and how somebody uses that. */
class View {
  readonly environment: FakeEnvironment = fakeEnvironment({ now: 1_750_000_000_000 });
  readonly store = watchedStore(memoryStore());
  readonly queue = createQueue({
    name: 'sync',
    jobs,
    store: this.store,
    environment: this.environment,
    use: [schedules()],
  });
  readonly inspector: HoldfastInspector = document.createElement('holdfast-inspector');

  async open(more: Partial<HoldfastInspector> = {}): Promise<this> {
    Object.assign(this.inspector, { queue: this.queue, ...more });
    document.body.append(this.inspector);
    await this.settle();
    return this;
  }

  /** Until what was asked for is shown. */
  async settle(ms = 100): Promise<void> {
    for (let turn = 0; turn < 4; turn += 1) {
      await this.environment.advance(ms / 4);
      await this.inspector.updateComplete;
    }
  }

  get root(): ShadowRoot {
    return this.inspector.shadowRoot as ShadowRoot;
  }

  all<E extends HTMLElement>(selector: string): readonly E[] {
    return [...this.root.querySelectorAll<E>(selector)];
  }

  text(selector = '.inspector'): string {
    return (this.root.querySelector(selector)?.textContent ?? '').replace(/\s+/g, ' ').trim();
  }

  get buttons(): readonly string[] {
    return this.all('button').map(labelOf);
  }

  async click(label: string, within = ''): Promise<void> {
    const found = this.all<HTMLButtonElement>(`${within} button`).find((one) => labelOf(one) === label);
    if (found === undefined) throw new Error(`no button ${label}: ${this.buttons.join(', ')}`);
    found.click();
    await this.settle();
  }

  async openRow(n = 0): Promise<void> {
    this.all('.row .open')[n]?.click();
    await this.settle();
  }

  async fill(values: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, value] of Object.entries(values)) {
      const field = this.root.querySelector<HTMLInputElement>(`[name=${name}]`);
      if (field !== null) field.value = value;
    }
    this.root.querySelector('dialog form')?.dispatchEvent(new Event('submit', { cancelable: true }));
    await this.settle();
  }

  async find(text: string): Promise<void> {
    const field = this.root.querySelector<HTMLInputElement>('[name=search]');
    if (field !== null) field.value = text;
    this.root.querySelector('form.filters')?.dispatchEvent(new Event('submit', { cancelable: true }));
    await this.settle();
  }

  async press(key: string): Promise<void> {
    this.inspector.dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true }),
    );
    await this.settle();
  }

  async dead(...ids: string[]): Promise<void> {
    for (const id of ids) await this.queue.enqueue('push', { id }, { id });
    const drained = drain(this.queue, {
      push: ({ id }: never) => {
        throw new DeadLetterError(`${id} ${HTML}`);
      },
    } as never);
    await this.environment.advance(1_000);
    await drained;
  }
}

const labelOf = (button: HTMLElement): string =>
  (button.getAttribute('aria-label') ?? button.textContent ?? '').replace(/\s+/g, ' ').trim();

let view: View;

beforeEach(() => {
  defineInspector();
  view = new View();
});
afterEach(() => document.body.replaceChildren());

describe('the inspector', () => {
  it('shows depth, ages, names and who works, and follows what happens', async () => {
    await view.queue.enqueue('push', 1);
    await view.queue.enqueue('mail', 1, { delayMs: 90_000 });
    await view.open();
    expect(view.text('.figures')).toContain('Waiting 2');
    expect(view.text('.alerts')).toContain('Nobody works push. 1 job waits for a worker.');
    expect(view.text('.alerts')).not.toContain('mail');
    let end = () => {};
    const running = new Promise<void>((resolve) => {
      end = resolve;
    });
    work(view.queue, { push: () => running });
    await view.settle(1_000);
    expect(view.text('.figures')).toContain('Active 1');
    expect(view.text('.workers')).toMatch(/at work for 1 s|at work for \d+ ms/);
    expect(view.text('.workers')).toContain('push');
    end();
    await view.settle(1_000);
    expect(view.text('.figures')).toContain('Completed 1');
    expect(view.text('.crew')).toContain('Workers are there for push.');
  });

  it('marks the workers of its own tab, not those of others on the same store', async () => {
    const forever = () => new Promise<void>(() => {});
    const other = createQueue({
      name: 'sync',
      jobs,
      store: view.store,
      environment: { ...fakeEnvironment({ now: 1_750_000_000_000 }), id: () => 'elsewhere' },
    });
    await view.queue.enqueue('push', 1);
    work(view.queue, { push: forever });
    await view.environment.advance(1_000);
    await view.queue.enqueue('mail', 1);
    void drain(other, { mail: forever });
    await view.open();
    await view.settle(10_000);
    const lines = view.all('.workers li').map(labelOf);
    expect(lines.find((line) => line.endsWith('push'))).toContain('This tab');
    expect(lines.find((line) => line.endsWith('mail'))).not.toContain('This tab');
  });

  it('reads nothing any more once it is removed, and again when it is back', async () => {
    await view.open();
    view.inspector.remove();
    await view.environment.advance(1_000);
    const calls = view.store.calls.length;
    await view.environment.advance(60_000);
    expect(view.store.calls.length).toBe(calls);
    await view.queue.enqueue('push', 1);
    document.body.append(view.inspector);
    await view.settle();
    expect(view.text('.figures')).toContain('Waiting 1');
  });

  it('takes nothing of a job for HTML', async () => {
    await view.dead(HTML);
    await view.queue.enqueue(
      'push',
      { text: HTML, [HTML]: 1 },
      { tags: [HTML], headers: { x: HTML }, lane: HTML },
    );
    await view.open();
    for (const section of ['Jobs', 'Dead letters1']) {
      await view.click(section);
      await view.openRow();
      expect(view.text('.drawer')).toContain('onerror');
      expect(view.all('img, #bold, [onerror]')).toEqual([]);
    }
  });

  it('says why a job waits, in words', async () => {
    await view.queue.enqueue('push', 1, { delayMs: 5_000, id: 'x' });
    await view.open();
    await view.click('Jobs');
    await view.openRow();
    expect(view.text('.reasons')).toMatch(/It is due in [45] s\.Nobody is known to run jobs of this name\./);
    await cancel(view.queue, 'x');
    await view.settle();
    expect(view.text('.drawer')).toContain('It is gone');
  });

  it('lists jobs in pages of fifty, and finds them by name, tag and id', async () => {
    for (let n = 0; n < 60; n += 1)
      await view.queue.enqueue(n % 2 ? 'push' : 'mail', n, { id: `id-${n}`, tags: [`t${n % 30}`] });
    await view.open();
    await view.click('Jobs');
    expect(view.all('.row')).toHaveLength(50);
    await view.click('Next');
    expect(view.all('.row')).toHaveLength(10);
    expect(view.text('.pager')).toContain('Page 2, 10 jobs');
    await view.click('Previous');
    expect(view.all('.row')).toHaveLength(50);
    await view.find('id-7');
    expect(view.all('.row').map((row) => row.textContent)).toEqual([expect.stringContaining('id-7')]);
    await view.find('#t7');
    expect(view.all('.row')).toHaveLength(2);
    await view.find('nothing like it');
    expect(view.text('.view')).toContain('No job matches');
  });

  it('retries and discards dead letters, many at once, and asks before it deletes', async () => {
    await view.dead('a', 'b', 'c', 'd');
    await view.open();
    await view.click('Dead letters4');
    for (const n of [0, 1]) view.all<HTMLInputElement>('.row input')[n]?.click();
    await view.settle();
    await view.click('Retry', '.bulk');
    expect(view.text('.notice')).toContain('2 retried');
    expect(await count(view.queue)).toMatchObject({ pending: 2, dead: 2 });
    await view.openRow();
    await view.click('Discard', '.drawer');
    expect(await count(view.queue)).toMatchObject({ dead: 2 });
    await view.click('Keep', 'dialog');
    await view.click('Discard', '.drawer');
    await view.fill({});
    expect(await count(view.queue)).toMatchObject({ dead: 1 });
    await view.press('Escape');
    await view.click('Retry all');
    await view.fill({});
    expect(await count(view.queue)).toMatchObject({ pending: 3, dead: 0 });
  });

  it('edits a dead letter and retries it; what is no JSON is refused there', async () => {
    await view.dead('a');
    await view.open();
    await view.click('Dead letters1');
    await view.openRow();
    await view.click('Edit and retry', '.drawer');
    await view.fill({ payload: '{ "id": ' });
    expect(view.text('dialog [role=alert]')).toContain('This is not JSON');
    expect(await count(view.queue)).toMatchObject({ dead: 1 });
    await view.fill({ payload: '{ "id": "mended" }' });
    expect(await get(view.queue, 'a')).toMatchObject({ state: 'pending', payload: { id: 'mended' } });
  });

  it('edits a waiting job, runs it now and cancels it', async () => {
    await view.queue.enqueue('push', { n: 1 }, { id: 'x', delayMs: 90_000 });
    await view.open();
    await view.click('Jobs');
    await view.openRow();
    await view.click('Edit', '.drawer');
    await view.fill({ priority: '7' });
    expect(await get(view.queue, 'x')).toMatchObject({ priority: 7, payload: { n: 1 } });
    await view.click('Run now', '.drawer');
    expect((await get(view.queue, 'x'))?.runAt).toBeLessThanOrEqual(view.environment.now());
    await view.click('Cancel', '.drawer');
    await view.fill({});
    expect(await get(view.queue, 'x')).toBeUndefined();
    expect(view.text('.notice')).toContain('1 cancelled');
  });

  it('pauses and resumes the queue, pauses, resumes and triggers schedules', async () => {
    await putSchedule(view.queue, 'nightly', { recurrence: every(3_600_000), name: 'push', payload: 1 });
    await view.open();
    await view.click('Pause queue');
    expect((await count(view.queue)).paused).toBe(true);
    await view.click('Resume queue');
    await view.click('Schedules');
    expect(view.text('.schedule')).toContain('push, every hour');
    expect(view.all('.schedule time')).toHaveLength(3);
    await view.click('Pause: nightly');
    expect(await listSchedules(view.queue)).toMatchObject([{ paused: true }]);
    await view.click('Run now: nightly');
    expect(await count(view.queue)).toMatchObject({ pending: 1, paused: false });
    await view.click('Resume: nightly');
    expect(await listSchedules(view.queue)).not.toMatchObject([{ paused: true }]);
  });

  it('shows when a schedule ticks in words, and its next three ticks, also of a cron pattern', async () => {
    await putSchedule(view.queue, 'daily', { recurrence: cron('0 9 * * *'), name: 'push', payload: 1 });
    await view.open();
    await view.click('Schedules');
    expect(view.text('.schedule')).toContain('push, every day at 09:00 (UTC)');
    const ticks = view.all('.schedule time').map(({ title }) => Date.parse(title));
    expect(ticks).toEqual([0, 1, 2].map((day) => Date.UTC(2025, 5, 16 + day, 9)));
  });

  it('shows what redact leaves of a job, and edits no payload that it changed', async () => {
    await view.queue.enqueue('push', { secret: 'hush' }, { id: 'x' });
    await view.open({ redact: ({ payload: _, ...rest }) => rest });
    await view.click('Jobs');
    await view.openRow();
    expect(view.text()).not.toContain('hush');
    await view.click('Edit', '.drawer');
    expect(view.all('textarea')).toEqual([]);
    expect(view.text('dialog')).toContain('The payload is not shown here');
    await view.fill({ priority: '3' });
    expect(await get(view.queue, 'x')).toMatchObject({ priority: 3, payload: { secret: 'hush' } });
  });

  it('goes by keys: sections, the search, from job to job, and back', async () => {
    for (const id of ['a', 'b', 'c']) await view.queue.enqueue('push', 1, { id });
    await view.open();
    await view.press('2');
    const [first, second] = view.all('.row .open');
    first?.focus();
    first?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
    expect(view.root.activeElement).toBe(second);
    second?.click();
    await view.settle();
    expect(view.root.activeElement?.classList.contains('drawer')).toBe(true);
    await view.press('Escape');
    expect(view.all('.drawer')).toEqual([]);
    await view.press('1');
    await view.press('/');
    expect(view.root.activeElement?.getAttribute('name')).toBe('search');
  });

  it('offers what `actions` says, and nothing without', async () => {
    await view.dead('a');
    await view.open({ actions: ['discard'] });
    await view.click('Dead letters1');
    await view.openRow();
    expect(view.buttons.filter((label) => /Retry|Discard|Edit|Pause/.test(label))).toEqual([
      'Discard all',
      'Discard',
    ]);
    view.inspector.actions = [];
    await view.settle();
    await view.click('Dead letters1');
    await view.openRow();
    expect(view.buttons.filter((label) => /Retry|Discard|Edit|Pause/.test(label))).toEqual([]);
  });

  it('says what failed when the queue cannot be read, and goes on when it can', async () => {
    await view.open();
    view.store.failNext('stats', new StoreError('the disk is gone', { retryable: false }));
    await view.settle(6_000);
    expect(view.text('.notice')).toContain('the disk is gone');
    expect(view.text('.bar')).toContain('Not reached');
    await view.settle(6_000);
    expect(view.all('.notice')).toEqual([]);
  });
});

describe('the inspector of a queue elsewhere', () => {
  const remote = (functions: Parameters<typeof expose>[1]): Handle => {
    const serve = expose(view.queue, functions);
    const { environment } = view;
    return remoteQueue({ name: 'sync', jobs, send: (message) => serve(message), environment, pollMs: 100 });
  };

  it('shows only what the host serves', async () => {
    await view.dead('a');
    await view.open({ queue: remote({ count, stats, list, explain, get, redrive }) });
    await view.click('Dead letters1');
    await view.openRow();
    expect(view.buttons.filter((label) => /Retry|Discard|Edit|Pause/.test(label))).toEqual([
      'Retry all',
      'Retry',
      'Edit and retry',
    ]);
    await view.click('Retry', '.drawer');
    expect(await count(view.queue)).toMatchObject({ pending: 1, dead: 0 });
  });

  it('says so where the host refuses, and offers it no more', async () => {
    await view.dead('a');
    const serve = expose(
      view.queue,
      { count, stats, list, explain, get, redrive, workers },
      {
        authorize: (_, operation) => operation !== 'redrive',
      },
    );
    const { environment } = view;
    const queue = remoteQueue({
      name: 'sync',
      jobs,
      send: (message) => serve(message),
      environment,
      pollMs: 100,
    });
    await view.open({ queue });
    await view.click('Dead letters1');
    await view.openRow();
    await view.click('Retry', '.drawer');
    expect(view.text('.notice')).toContain('does not allow that');
    expect(view.buttons).not.toContain('Retry');
  });
});

it('the panel puts the inspector where devtools say, and takes it out again', async () => {
  const panel = inspectorPanel(view.queue, { actions: [] });
  const place = document.createElement('div');
  document.body.append(place);
  panel.render(place, 'dark');
  panel.render(place, 'light');
  const [made, ...others] = place.children;
  expect([panel.name, (made as HoldfastInspector).theme, others]).toEqual(['Queue sync', 'light', []]);
  panel.destroy();
  expect(place.children).toHaveLength(0);
});
