import { count, drain, type Gate, gates, get, job, work } from 'holdfast';
import { all, battery, network, online, visible } from 'holdfast/browser';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakePage, fakePage } from './fake-page.ts';
import { ended, setScene } from './scene.ts';

afterEach(() => void vi.unstubAllGlobals());

/** What the gate says, and what it says after each change that it tells of. */
async function heard(gate: Gate) {
  const told: boolean[] = [];
  const end = gate.subscribe(() => told.push(gate.isOpen() as boolean));
  await gate.isOpen();
  const first = gate.isOpen();
  return { first, told, end };
}

describe('in a page', () => {
  let page: FakePage;
  beforeEach(() => {
    page = fakePage();
  });

  it('visible() is open while somebody may see it, and tells of each change', async () => {
    const { first, told, end } = await heard(visible());
    page.show(false);
    page.show(true);
    expect([first, ...told]).toEqual([true, false, true]);
    end();
    expect(page.listeners).toEqual([]);
  });

  it('network() is closed while the user saves data', async () => {
    const connection = page.source({ saveData: true });
    page.connect(connection);
    const { first, told, end } = await heard(network());
    expect(network({ saveData: true }).isOpen()).toBe(true);
    connection.saveData = false;
    page.tell(connection, 'change');
    expect([first, ...told]).toEqual([false, true]);
    end();
    expect(page.listeners).toEqual([]);
  });

  it.each([
    ['wifi', true],
    ['ethernet', true],
    ['cellular', false],
    ['none', false],
    ['unknown', true],
    [undefined, true],
  ])('network({ type: ["wifi", "ethernet"] }) on %s: open is %s', (type, isOpen) => {
    page.connect(page.source({ type, saveData: false }));
    expect(network({ type: ['wifi', 'ethernet'] }).isOpen()).toBe(isOpen);
  });

  it('network() wakes nobody for a change of something else', async () => {
    const connection = page.source({ type: 'wifi', downlink: 10 });
    page.connect(connection);
    const { told, end } = await heard(network({ type: ['wifi'] }));
    connection.downlink = 1;
    page.tell(connection, 'change');
    connection.type = 'cellular';
    page.tell(connection, 'change');
    expect(told).toEqual([false]);
    end();
  });

  it('battery() is open from its level on, and while the battery is charged', async () => {
    const charge = page.source({ charging: false, level: 0.3 });
    page.navigator.getBattery = async () => charge;
    const { first, told, end } = await heard(battery());
    const change = (changed: Partial<typeof charge>, type: string) => {
      Object.assign(charge, changed);
      page.tell(charge, type);
    };
    change({ level: 0.2 }, 'levelchange');
    change({ level: 0.19 }, 'levelchange');
    change({ level: 0.1 }, 'levelchange');
    change({ charging: true }, 'chargingchange');
    expect([first, ...told]).toEqual([true, false, true]);
    end();
    expect(page.listeners).toEqual([]);
  });

  it('battery({ charging: true }) is closed without a charger, at any level', async () => {
    const charge = page.source({ charging: false, level: 1 });
    page.navigator.getBattery = async () => charge;
    const gate = battery({ charging: true });
    expect(await gate.isOpen()).toBe(false);
    charge.charging = true;
    expect(gate.isOpen()).toBe(true);
  });

  it('battery() that is left before it is known leaves no listener', async () => {
    const charge = page.source({ charging: false, level: 1 });
    page.navigator.getBattery = async () => charge;
    battery().subscribe(() => {})();
    await new Promise(setImmediate);
    expect(page.listeners).toEqual([]);
  });

  it.each([
    ['rejects', () => Promise.reject(new DOMException('not here', 'NotAllowedError'))],
    [
      'throws',
      () => {
        throw new DOMException('not here', 'SecurityError');
      },
    ],
  ])('battery() is open where asking %s', async (_, getBattery) => {
    page.navigator.getBattery = getBattery;
    expect(await battery({ charging: true }).isOpen()).toBe(true);
  });

  it('is listened to once for all jobs and workers of a gate, and not at all when they have stopped', async () => {
    page.connect(page.source({ type: 'wifi' }));
    page.navigator.getBattery = async () => page.source({ charging: true, level: 1 });
    const gate = all(online(), visible(), network(), battery());
    const { queue, environment } = setScene(
      { one: job(), two: job() },
      { use: [gates({ one: gate, two: gate })] },
    );
    const workers = [work(queue, { one: () => {} }), work(queue, { two: () => {} })];
    await environment.flush();
    const expected = ['online', 'offline', 'visibilitychange', 'change', 'chargingchange', 'levelchange'];
    expect(page.listeners.toSorted()).toEqual(expected.toSorted());
    for (const worker of workers) {
      const stopped = worker.stop();
      await environment.flush();
      await ended(stopped);
    }
    expect(page.listeners).toEqual([]);
    expect(environment.timers).toBe(0);
  });

  it.each<[string, (page: FakePage) => Gate, (page: FakePage) => void, (page: FakePage) => void]>([
    ['visible()', visible, (at) => at.show(false), (at) => at.show(true)],
    ['online()', () => online(), (at) => at.connectTo(false), (at) => at.connectTo(true)],
    [
      'network()',
      (at) => {
        at.connect(at.source({ saveData: false }));
        return network();
      },
      (at) => at.connect(at.source({ saveData: true })),
      (at) => at.connect(at.source({ saveData: false })),
    ],
  ])(
    'a job waits behind %s without losing an attempt, and runs when it opens',
    async (_, make, shut, open) => {
      const { queue, environment } = setScene(
        { push: job<string>({ maxAttempts: 1 }) },
        { use: [gates({ push: make(page) })] },
      );
      shut(page);
      const { id } = await queue.enqueue('push', 'x');
      const ran: string[] = [];
      const worker = work(queue, { push: (word) => void ran.push(word) });
      await environment.advance(600_000);
      expect(await get(queue, id)).toMatchObject({ state: 'pending', attempt: 1, failures: 0 });
      open(page);
      await environment.advance(30_000);
      expect(ran).toEqual(['x']);
      const stopped = worker.stop();
      await environment.flush();
      await ended(stopped);
    },
  );

  it('a drain waits until battery() is known, and runs its jobs', async () => {
    page.navigator.getBattery = async () => page.source({ charging: false, level: 0.5 });
    const { queue, environment } = setScene({ push: job<string>() }, { use: [gates({ push: battery() })] });
    await queue.enqueue('push', 'x');
    const drained = drain(queue, { push: () => {} });
    await environment.flush();
    expect(await ended(drained)).toMatchObject({ completed: 1 });
    expect(await count(queue)).toMatchObject({ pending: 0 });
  });
});

describe('where the platform says nothing', () => {
  const gates: readonly (readonly [string, () => Gate])[] = [
    ['online()', online],
    ['visible()', visible],
    ['network()', () => network({ type: ['wifi'] })],
    ['battery()', () => battery({ charging: true })],
    ['all(…)', () => all(online(), visible(), network({ type: ['wifi'] }), battery({ charging: true }))],
  ];

  it.each(gates)('in Node and in server-side rendering %s is open', async (_, make) => {
    vi.stubGlobal('navigator', undefined);
    expect(await make().isOpen()).toBe(true);
  });

  it.each(gates)('%s is open where events and facts are refused, and throws nothing', async (_, make) => {
    const refuse = () => {
      throw new DOMException('the operation is insecure', 'SecurityError');
    };
    const refusing = { addEventListener: refuse, removeEventListener: refuse };
    vi.stubGlobal('addEventListener', refuse);
    vi.stubGlobal('removeEventListener', refuse);
    vi.stubGlobal('document', { ...refusing, visibilityState: 'visible' });
    vi.stubGlobal('navigator', {
      get connection() {
        return refuse();
      },
      getBattery: refuse,
    });
    const gate = make();
    const end = gate.subscribe(() => {});
    expect(await gate.isOpen()).toBe(true);
    end();
  });
});

it.each<[string, () => unknown, RegExp]>([
  ['a kind that there is not', () => network({ type: ['wlan' as 'wifi'] }), /type.*"wlan".*wifi/],
  ['no kind', () => network({ type: [] }), /type.*at least one/],
  ['a kind that is no list', () => network({ type: 'wifi' as never }), /type.*"wifi".*an array/],
  ['saveData that is none', () => network({ saveData: 'no' as never }), /saveData.*"no".*true or false/],
  ['an unknown option of network', () => network({ types: [] } as never), /types.*only saveData, type/],
  ['a level in percent', () => battery({ minLevel: 20 }), /minLevel.*20.*from 0 to 1/],
  ['charging: false', () => battery({ charging: false as never }), /charging.*false.*true, or nothing/],
  ['both', () => battery({ charging: true, minLevel: 0.5 }), /minLevel.*without charging/],
  ['what is no gate', () => all(online(), {} as Gate), /gates\[1\].*isOpen\(\)/],
])('refuses %s at once, and says why', (_, make, message) => {
  expect(make).toThrow(
    expect.objectContaining({ code: 'InvalidOption', message: expect.stringMatching(message) }),
  );
});
