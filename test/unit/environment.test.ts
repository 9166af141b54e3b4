import { systemEnvironment } from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { validate, version } from 'uuid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { laterTask } from '../../src/core/queue/later-task.ts';

const DAY_MS = 86_400_000;

describe('the system environment', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells the time of the clock', () => {
    vi.setSystemTime(1_700_000_000_000);
    expect(systemEnvironment.now()).toBe(1_700_000_000_000);
  });

  it('calls back after the time given, once', () => {
    const called = vi.fn();
    systemEnvironment.setTimer(called, 50);
    vi.advanceTimersByTime(49);
    expect(called).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10_000);
    expect(called).toHaveBeenCalledTimes(1);
  });

  it('calls back after 40 days, and no sooner, though a timer holds 24.8 of them', () => {
    const called = vi.fn();
    systemEnvironment.setTimer(called, 40 * DAY_MS);
    vi.advanceTimersByTime(40 * DAY_MS - 1);
    expect(called).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(called).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not call back once cancelled, in the first 24.8 days or later', () => {
    const called = vi.fn();
    systemEnvironment.setTimer(called, 50)();
    const cancel = systemEnvironment.setTimer(called, 40 * DAY_MS);
    vi.advanceTimersByTime(30 * DAY_MS);
    cancel();
    vi.advanceTimersByTime(30 * DAY_MS);
    expect(called).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('yields to what was to run before it', async () => {
    const order: string[] = [];
    const yielded = laterTask({}).then(() => order.push('yielded'));
    await Promise.resolve().then(() => order.push('microtask'));
    await yielded;
    expect(order).toEqual(['microtask', 'yielded']);
  });

  it('gives ids that are unique, and grow with time', () => {
    const ids = Array.from({ length: 1_000 }, () => systemEnvironment.id());
    expect(new Set(ids).size).toBe(1_000);
    expect(ids.filter((id) => !validate(id) || version(id) !== 7)).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(systemEnvironment.id() > ids[0]!).toBe(true);
  });
});

describe('the fake environment', () => {
  it('stands still until it is told to go on', async () => {
    const environment = fakeEnvironment({ now: 1_000 });
    let called = 0;
    environment.setTimer(() => void called++, 0);
    await environment.flush();
    expect([environment.now(), called, environment.timers]).toEqual([1_000, 0, 1]);
    await environment.advance(0);
    expect([environment.now(), called, environment.timers]).toEqual([1_000, 1, 0]);
  });

  it('fires its timers in order, each at its own instant, also those set meanwhile', async () => {
    const environment = fakeEnvironment({ now: 0 });
    const at: [string, number][] = [];
    const note = (name: string) => at.push([name, environment.now()]);
    environment.setTimer(() => note('second'), 20);
    environment.setTimer(() => {
      note('first');
      environment.setTimer(() => note('set meanwhile'), 5);
    }, 10);
    await environment.advance(100);
    expect(at).toEqual([
      ['first', 10],
      ['set meanwhile', 15],
      ['second', 20],
    ]);
    expect(environment.now()).toBe(100);
  });

  it('jumps without firing a timer, and timers keep the time they have left', async () => {
    const environment = fakeEnvironment({ now: 0 });
    const at: number[] = [];
    environment.setTimer(() => at.push(environment.now()), 100);
    environment.jump(5_000);
    await environment.advance(99);
    expect(at).toEqual([]);
    await environment.advance(1);
    expect(at).toEqual([5_100]);
  });

  it('lets time pass until a promise has settled, and no further', async () => {
    const environment = fakeEnvironment({ now: 0 });
    const ms = (length: number) => new Promise<void>((resolve) => environment.setTimer(resolve, length));
    environment.setTimer(() => {}, 1_000);
    const waits = async () => {
      await ms(20);
      await new Promise((resolve) => setImmediate(resolve));
      await ms(30);
      return 'done';
    };
    expect(await environment.until(waits())).toBe('done');
    expect([environment.now(), environment.timers]).toEqual([50, 1]);
    await expect(environment.until(Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('fires no timer while a promise can go on without one', async () => {
    const environment = fakeEnvironment({ now: 0 });
    environment.setTimer(() => {}, 1_000);
    const goesOn = async () => {
      for (let turn = 0; turn < 200; turn++) await laterTask({});
    };
    await environment.until(goesOn());
    expect(environment.now()).toBe(0);
  });

  it('waits for a promise that needs no timer, though none is armed', async () => {
    const environment = fakeEnvironment({ now: 0 });
    let open = () => {};
    const waits = environment.until(
      new Promise<void>((resolve) => {
        open = resolve;
      }),
    );
    setTimeout(() => environment.setTimer(open, 10), 20);
    await waits;
    expect(environment.now()).toBe(10);
  });

  it('gives up a promise that time does not bring', async () => {
    const environment = fakeEnvironment({ now: 0 });
    const again = () => void environment.setTimer(again, 1);
    again();
    await expect(environment.until(new Promise(() => {}))).rejects.toThrow(
      '1000 timers have fired and it has not settled',
    );
  });

  it('gives the same ids each time', () => {
    const [one, other] = [fakeEnvironment(), fakeEnvironment()];
    expect([one.id(), one.id()]).toEqual([other.id(), other.id()]);
  });
});
