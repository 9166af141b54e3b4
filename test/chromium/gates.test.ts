import { count, createQueue, defineJobs, type Gate, gates, job, memoryStore, work } from 'holdfast';
import { all, battery, network, online, visible } from 'holdfast/browser';
import { expect, it, vi } from 'vitest';

interface Charge extends EventTarget {
  readonly charging: boolean;
  readonly level: number;
}
const platform = navigator as {
  readonly connection?: EventTarget;
  getBattery?(): Promise<Charge>;
};
const { connection } = platform;

function heard(gate: Gate) {
  const told = vi.fn();
  return { told, end: gate.subscribe(told) };
}

it('every gate that the browser has nothing against is open, and its job runs', async () => {
  const gate = all(online(), network(), battery({ minLevel: 0 }), online({ probe: location.href }));
  const queue = createQueue({
    name: 'sync',
    jobs: defineJobs({ push: job() }),
    store: memoryStore(),
    use: [gates({ push: gate })],
  });
  const worker = work(queue, { push: () => {} });
  await queue.enqueue('push', 'x');
  await vi.waitFor(async () => expect(await count(queue)).toMatchObject({ pending: 0, active: 0 }));
  await worker.stop();
  await queue.close();
});

it('online() and visible() hear the browser, and leave it', () => {
  const says = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  const sees = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  const gates = [online(), visible()].map((gate) => ({ gate, ...heard(gate) }));
  const tellAll = () => {
    dispatchEvent(new Event('offline'));
    document.dispatchEvent(new Event('visibilitychange'));
  };
  for (const { gate } of gates) expect(gate.isOpen()).toBe(false);
  says.mockRestore();
  sees.mockReturnValue('visible');
  tellAll();
  for (const { gate, told, end } of gates) {
    expect(told).toHaveBeenCalledTimes(1);
    expect(gate.isOpen()).toBe(true);
    end();
  }
  sees.mockReturnValue('hidden');
  tellAll();
  sees.mockRestore();
  for (const { told } of gates) expect(told).toHaveBeenCalledTimes(1);
});

it('battery() says what the browser says of its battery, hears it, and is open where it has none', async () => {
  const charge = await platform.getBattery?.();
  const full = battery({ charging: true });
  expect(await full.isOpen()).toBe(charge?.charging ?? true);
  expect(await battery({ minLevel: 1 }).isOpen()).toBe(
    charge === undefined || charge.charging || charge.level === 1,
  );
  if (charge === undefined) return;
  const gate = battery({ charging: true });
  const { told, end } = heard(gate);
  await gate.isOpen();
  charge.dispatchEvent(new Event('chargingchange'));
  expect(told).toHaveBeenCalledTimes(1);
  end();
  charge.dispatchEvent(new Event('chargingchange'));
  expect(told).toHaveBeenCalledTimes(1);
});

it('network() is open here, hears the connection where there is one, and leaves it', () => {
  const gate = network({ type: ['wifi', 'ethernet', 'cellular', 'other'] });
  const { told, end } = heard(gate);
  expect(gate.isOpen()).toBe(true);
  const says = connection && vi.spyOn(connection as { saveData: boolean } & EventTarget, 'saveData', 'get');
  says?.mockReturnValue(true);
  connection?.dispatchEvent(new Event('change'));
  expect(told).toHaveBeenCalledTimes(connection ? 1 : 0);
  expect(gate.isOpen()).toBe(connection === undefined);
  end();
  says?.mockRestore();
  connection?.dispatchEvent(new Event('change'));
  expect(told).toHaveBeenCalledTimes(connection ? 1 : 0);
});

it('online({ probe }) says of a server whether it is there', async () => {
  const open = (probe: string) => online({ probe }).isOpen();
  expect(await open(location.href)).toBe(true);
  expect(await open('https://nothing.invalid/')).toBe(false);
});
