import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { type AptAnswer, install } from '../../scripts/debian.ts';
import { Progress } from '../../scripts/progress.ts';
import { Steps } from '../../scripts/steps.ts';

/** A clock that only a test moves, and what was printed by then. */
function fakeConsole() {
  let now = 0;
  const timers = new Set<{ due: number; readonly ms: number; readonly act: () => void }>();
  const printed: { readonly at: number; readonly line: string }[] = [];
  return {
    printed,
    timers,
    now: () => now,
    every: (ms: number, act: () => void) => {
      const timer = { due: now + ms, ms, act };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    print: (line: string) => void printed.push({ at: now, line }),
    pass: (ms: number) => {
      for (const end = now + ms; now < end; now += 1_000)
        for (const timer of timers)
          if (timer.due <= now) {
            timer.due += timer.ms;
            timer.act();
          }
    },
  };
}

const names = ['lint', 'build', 'tests'];
const all = names.map((name) => ({ name, script: name }));

/** Scripts that print nothing and end when a test says so. */
function silentScripts() {
  const children = new Map<string, EventEmitter>();
  const start = (script: string) => {
    const child = new EventEmitter();
    children.set(script, child);
    return child as ChildProcess;
  };
  return { start, end: (script: string, code = 0) => children.get(script)?.emit('close', code) };
}

describe('npm test', () => {
  it('says at least every 20 s which of how many steps runs, though the step prints nothing', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const [screen, scripts] = [fakeConsole(), silentScripts()];
    const steps = new Steps(all, new Progress(names, screen), scripts.start);
    const running = steps.run({ name: 'tests', script: 'tests' });
    screen.pass(120_000);
    const times = [0, ...screen.printed.map(({ at }) => at), 120_000];
    expect(Math.max(...times.slice(1).map((at, i) => at - (times[i] ?? 0)))).toBeLessThanOrEqual(20_000);
    expect(screen.printed[1]?.line).toBe('·· step 3 of 3: tests, for 30 s');
    scripts.end('tests');
    expect(await running).toMatchObject({ result: 'passed' });
    expect(screen.timers.size).toBe(0);
    vi.restoreAllMocks();
  });

  it('says so of the checks that run aside too, all in one line', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const [screen, scripts] = [fakeConsole(), silentScripts()];
    const steps = new Steps(all, new Progress(names, screen), scripts.start);
    const running = [all[0]!, all[1]!].map((step) => steps.runAside(step));
    screen.pass(20_000);
    scripts.end('lint', 1);
    expect(await running[0]).toMatchObject({ step: 'lint', result: 'failed' });
    screen.pass(20_000);
    scripts.end('build');
    await Promise.all(running);
    screen.pass(60_000);
    expect(screen.printed.map(({ line }) => line)).toEqual([
      '·· step 1 of 3: lint, for 15 s; step 2 of 3: build, for 15 s',
      '·· step 2 of 3: build, for 30 s',
    ]);
    vi.restoreAllMocks();
  });
});

const done: AptAnswer = { code: 0, complaints: '' };
const lists = '/var/lib/apt/lists/lock';
const locked: AptAnswer = {
  code: 100,
  complaints: `E: Could not get lock ${lists}. It is held by process 4711 (apt-get)\nE: Unable to lock directory /var/lib/apt/lists/`,
};

/** An apt-get that gives these answers, the last one from then on. */
function fakeMachine(...answers: AptAnswer[]) {
  const calls: string[] = [];
  const printed: string[] = [];
  let waitedMs = 0;
  return {
    calls,
    printed,
    waited: () => waitedMs,
    aptGet: async (args: readonly string[]) => {
      calls.push(args.join(' '));
      return (answers.length > 1 ? answers.shift() : answers[0]) as AptAnswer;
    },
    pause: async (ms: number) => {
      waitedMs += ms;
    },
    print: (line: string) => void printed.push(line),
  };
}

describe('installing Debian packages', () => {
  it('has apt wait for the lock of dpkg', async () => {
    const machine = fakeMachine(done);
    expect(await install(['chromium'], machine)).toBeUndefined();
    expect(machine.calls).toEqual([
      '-o DPkg::Lock::Timeout=900 update',
      '-o DPkg::Lock::Timeout=900 install -y --no-install-recommends chromium',
    ]);
  });

  it('waits for the lock of the lists while another process holds it, and says for what', async () => {
    const machine = fakeMachine(locked, locked, done);
    expect(await install(['chromium'], machine)).toBeUndefined();
    expect(machine.calls.filter((call) => call.endsWith(' update'))).toHaveLength(3);
    expect(machine.printed).toEqual([
      `apt-get update waits for ${lists}. It is held by process 4711 (apt-get). 0 s so far`,
      `apt-get update waits for ${lists}. It is held by process 4711 (apt-get). 10 s so far`,
    ]);
  });

  it('gives up when the lock is held for a quarter of an hour', async () => {
    const machine = fakeMachine(locked);
    expect(await install(['chromium'], machine)).toBe('apt-get failed');
    expect(machine.waited()).toBe(2 * 900_000);
  });

  it('waits for nothing when apt fails for another reason', async () => {
    const machine = fakeMachine(done, { code: 100, complaints: 'E: Unable to locate package chromium' });
    expect(await install(['chromium'], machine)).toBe('apt-get failed');
    expect(machine.waited()).toBe(0);
  });
});
