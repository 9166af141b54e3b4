import { drain, type Gate, gates, job, memoryStore, work } from 'holdfast';
import { all, signedIn, when } from 'holdfast/browser';
import { describe, expect, it } from 'vitest';
import { gatesOf } from './gates-examples.ts';
import { ended, latch, setScene } from './scene.ts';

/** A store as state libraries have it. */
function appState<T>(value: T) {
  const listeners = new Set<() => void>();
  return {
    listeners,
    get: () => value,
    set(next: T) {
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener: () => void) {
      const hear = () => listener(); // Each call is one of its own.
      listeners.add(hear);
      return () => void listeners.delete(hear);
    },
  };
}

function working(gate: Gate) {
  const scene = setScene({ push: job<string>() }, { use: [gates({ push: gate })] });
  const ran: string[] = [];
  const worker = work(scene.queue, { push: (word) => void ran.push(word) });
  const stop = async () => {
    const stopped = worker.stop();
    await scene.environment.flush();
    await ended(stopped);
  };
  return { ...scene, ran, stop };
}

describe('a gate over the state of an app', () => {
  it('lets its jobs run as soon as the app says so', async () => {
    const state = appState(false);
    const { queue, environment, ran, stop } = working(when(state.get, state.subscribe));
    await queue.enqueue('push', 'x');
    await environment.advance(1_000);
    expect(ran).toEqual([]);
    state.set(true);
    await environment.flush();
    expect(ran).toEqual(['x']);
    await stop();
  });

  it('subscribes once for all its workers, and ends that with the last', async () => {
    const state = appState(true);
    const gate = when(state.get, state.subscribe);
    const scenes = [working(gate), working(gate)];
    expect(state.listeners.size).toBe(1);
    await scenes[0]?.stop();
    expect(state.listeners.size).toBe(1);
    await scenes[1]?.stop();
    expect(state.listeners.size).toBe(0);
  });

  it('wakes no worker by changes that do not concern it', async () => {
    const state = appState({ open: false, typed: 0 });
    const { environment, store, stop } = working(when(() => state.get().open, state.subscribe));
    await environment.flush();
    const before = store.callsOf('exchange');
    for (let typed = 1; typed <= 100; typed++) {
      state.set({ open: false, typed });
      await environment.flush();
    }
    expect(store.callsOf('exchange')).toBe(before);
    await stop();
  });

  it.each([
    ['an object with unsubscribe()', (end: () => void) => ({ unsubscribe: end })],
    ['a function', (end: () => void) => end],
    ['nothing', () => undefined],
  ])('takes %s from its subscribe', (_, form) => {
    let ends = 0;
    const end = when(
      () => true,
      () => form(() => void ends++),
    ).subscribe(() => {});
    end();
    end();
    expect(ends).toBe(form === undefined || form(() => {}) === undefined ? 0 : 1);
  });

  it('wakes whoever waits though somebody else has asked since it opened', () => {
    let isThere = false;
    let tell = () => {};
    const gate = when(
      () => isThere,
      (changed) => {
        tell = changed;
        return () => {};
      },
    );
    let woken = 0;
    gate.subscribe(() => {
      woken += 1;
    });
    expect(gate.isOpen()).toBe(false);
    isThere = true;
    expect(gate.isOpen()).toBe(true);
    tell();
    expect(woken).toBe(1);
    tell();
    expect(woken).toBe(1);
  });

  it('asks a function that returns a promise no more often than a worker does', async () => {
    const state = appState(true);
    let asked = 0;
    const gate = when(async () => {
      asked += 1;
      return state.get();
    }, state.subscribe);
    const { queue, environment, ran, stop } = working(gate);
    await queue.enqueue('push', 'x');
    await environment.flush();
    expect(ran).toEqual(['x']);
    const before = asked;
    state.set(false);
    await environment.flush();
    expect(asked - before).toBe(1);
    await stop();
  });

  it('that throws is closed, told once, and asked again', async () => {
    let fails = true;
    const state = appState(true);
    const gate = when(() => {
      if (fails) throw new Error('no state yet');
      return state.get();
    }, state.subscribe);
    const { queue, environment, ran, stop } = working(gate);
    const errors: unknown[] = [];
    queue.on('worker:error', ({ error }) => errors.push(error));
    await queue.enqueue('push', 'x');
    await environment.advance(60_000);
    fails = false;
    state.set(true);
    await environment.flush();
    expect(ran).toEqual(['x']);
    expect(errors).toMatchObject([{ message: 'no state yet' }]);
    await stop();
  });

  it('whose subscribe throws is as if it had not been called: the next call is a first one', () => {
    let calls = 0;
    const gate = when(
      () => true,
      () => {
        calls += 1;
        if (calls === 1) throw new Error('not yet');
        return () => {};
      },
    );
    expect(() => gate.subscribe(() => {})).toThrow('not yet');
    gate.subscribe(() => {})();
    expect(calls).toBe(2);
  });
});

describe('a gate that is told', () => {
  /** As an authentication library: it calls back later, with a value. */
  function auth() {
    const setters = new Set<(isOpen: boolean) => void>();
    const gate = signedIn((set) => {
      setters.add(set);
      return () => void setters.delete(set);
    });
    const tell = (isOpen: boolean) => setters.forEach((set) => void set(isOpen));
    return { gate, setters, tell };
  }

  it('keeps its jobs waiting until it is told, and then does as it is told', async () => {
    const { gate, tell } = auth();
    const { queue, environment, ran, stop } = working(gate);
    await queue.enqueue('push', 'a');
    await environment.advance(5_000);
    expect(ran).toEqual([]);
    tell(true);
    await environment.flush();
    expect(ran).toEqual(['a']);
    tell(false);
    await queue.enqueue('push', 'b');
    await environment.advance(60_000);
    expect(ran).toEqual(['a']);
    await stop();
  });

  it('is waited for by a drain until it is told', async () => {
    const { gate, tell } = auth();
    const { queue, environment } = setScene({ push: job<string>() }, { use: [gates({ push: gate })] });
    await queue.enqueue('push', 'x');
    const drained = drain(queue, { push: () => {} });
    await environment.advance(1_000);
    tell(true);
    await environment.flush();
    expect(await ended(drained)).toMatchObject({ completed: 1 });
  });

  it('may be told at once, while it subscribes', async () => {
    const gate = signedIn((set) => {
      set(true);
      return () => {};
    });
    const end = gate.subscribe(() => {});
    expect(gate.isOpen()).toBe(true);
    end();
  });

  it('knows nothing, and is closed, when nobody is subscribed', async () => {
    const { gate, setters, tell } = auth();
    expect(gate.isOpen()).toBe(false);
    const end = gate.subscribe(() => {});
    tell(true);
    const asked = gate.isOpen();
    end();
    expect([asked, gate.isOpen(), setters.size]).toEqual([true, false, 0]);
  });

  it('lets nobody wait who asked before it was left', async () => {
    const { gate } = auth();
    const end = gate.subscribe(() => {});
    const asked = gate.isOpen();
    end();
    expect(await asked).toBe(false);
  });
});

describe('all(…)', () => {
  const gateOf = (answer: () => boolean | Promise<boolean>): Gate => ({
    isOpen: answer,
    subscribe: () => () => {},
  });

  it.each([
    [[true, true], true],
    [[true, false], false],
    [[], true],
    [[Promise.resolve(true), true], true],
    [[Promise.resolve(false), true], false],
    [[Promise.resolve(true), false], false],
    [[Promise.resolve(1 as never), true], false],
    [['yes' as never], false],
  ])('of %o is %s', async (answers, isOpen) => {
    expect(await all(...answers.map((answer) => gateOf(() => answer))).isOpen()).toBe(isOpen);
  });

  it('is as good as its worst part: what one rejects with is told as its own', async () => {
    const failing = gateOf(() => Promise.reject(new Error('no')));
    await expect(
      all(
        gateOf(() => true),
        failing,
      ).isOpen(),
    ).rejects.toThrow('no');
    // Nobody waits for it any more, and nobody hears of it.
    expect(
      all(
        failing,
        gateOf(() => false),
      ).isOpen(),
    ).toBe(false);
    await new Promise(setImmediate);
  });

  it('hears all its parts, and leaves them together, also when one refuses', () => {
    const [one, other] = [appState(true), appState(true)];
    const told: string[] = [];
    const parts = [one, other].map((state) => when(state.get, state.subscribe));
    const end = all(...parts).subscribe(() => told.push('told'));
    one.set(false);
    other.set(false);
    expect(told).toHaveLength(2);
    end();
    expect(one.listeners.size + other.listeners.size).toBe(0);
    const broken: Gate = {
      isOpen: () => true,
      subscribe() {
        throw new Error('no');
      },
    };
    expect(() => all(...parts, broken).subscribe(() => {})).toThrow('no');
    expect(one.listeners.size + other.listeners.size).toBe(0);
  });
});

it.each([
  ['when', () => when(true as never, () => undefined), 'isOpen'],
  ['when', () => when(() => true, undefined as never), 'subscribe'],
  ['signedIn', () => signedIn(null as never), 'subscribe'],
])('%s refuses what is no function', (_, make, option) => {
  expect(make).toThrow(
    expect.objectContaining({ code: 'InvalidOption', message: expect.stringContaining(option) }),
  );
});

it('the gates of the docs do what the docs say', async () => {
  const settings = appState({ upload: false });
  const user = latch<object>();
  const auth = {
    onChange(listener: (user: object | null) => void) {
      void user.promise.then(listener);
      return () => {};
    },
  };
  const { mayUpload, withUser, officeHours } = gatesOf(settings, auth, memoryStore());
  expect(mayUpload.isOpen()).toBe(false);
  settings.set({ upload: true });
  expect(mayUpload.isOpen()).toBe(true);
  const end = withUser.subscribe(() => {});
  user.open({});
  expect(await withUser.isOpen()).toBe(true);
  end();
  officeHours.subscribe(() => {})();
  expect(typeof officeHours.isOpen()).toBe('boolean');
});
