import {
  type EnqueueRequest,
  type ExchangeAnswer,
  type ExchangeRequest,
  type ExtendRequest,
  job,
  type Met,
  memoryBacking,
  memoryStore,
  type Transact,
} from 'holdfast';
import {
  type SimulationHarness,
  type SimulationReport,
  shorten,
  simulate,
  type Workload,
} from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { stores } from '../../scripts/sim-stores.ts';
import type { Call } from '../../src/testing/simulator/call.ts';
import { Ledger } from '../../src/testing/simulator/ledger.ts';
import { wholePart } from '../../src/testing/simulator/part.ts';
import { storeCalls } from '../../src/testing/store-calls.ts';

describe('a simulation', () => {
  it('is the same for the same seed, to the last line of its trace', async () => {
    const [first, second] = [await simulate({ seed: 11 }), await simulate({ seed: 11 })];
    expect(first.trace.length).toBeGreaterThan(100);
    expect(second).toEqual(first);
  });

  it('is the same over another store that keeps the contract', async () => {
    const options = { seed: 12, steps: 200 };
    const [memory, indexed] = [
      await simulate(options),
      await simulate({ ...options, store: stores['fake-indexeddb'] }),
    ];
    expect(indexed.trace).toEqual(memory.trace);
  });

  it('is another for another seed', async () => {
    const [one, other] = [await simulate({ seed: 13, steps: 100 }), await simulate({ seed: 14, steps: 100 })];
    expect(other.trace).not.toEqual(one.trace);
  });

  it('keeps every promise over the memory store', async () => {
    for (let seed = 1; seed <= 10; seed++) expect((await simulate({ seed })).violation).toBeUndefined();
  });

  it('keeps every promise over fake-indexeddb', async () => {
    for (let seed = 1; seed <= 2; seed++)
      expect((await simulate({ seed, store: stores['fake-indexeddb'] })).violation).toBeUndefined();
  });

  it('brings every kind of fault and command to pass', async () => {
    const kinds = new Set<string>();
    for (let seed = 21; seed <= 60; seed++)
      for (const kind of Object.keys((await simulate({ seed, steps: 300 })).faults)) kinds.add(kind);
    expect([...kinds].sort()).toEqual([
      'batch',
      'cancel',
      'clear',
      'cleared',
      'clock',
      'crash',
      'deploy',
      'drain',
      'enqueue',
      'enqueueMany',
      'error after',
      'error before',
      'flow',
      'freeze',
      'gate',
      'hint',
      'hint lost',
      'hold',
      'offline',
      'outage',
      'pause',
      'prune',
      'quota',
      'redrive',
      'remove',
      'retryNow',
      'schedule',
      'server',
      'slow',
      'stand',
      'stop',
      'unreadable',
      'wait',
    ]);
  });

  it('leaves out the faults that it is told to', async () => {
    const faults = ['freeze'] as const;
    const report = await simulate({ seed: 15, faults });
    const done = Object.keys(report.faults);
    for (const kind of [
      'clock',
      'outage',
      'quota',
      'deploy',
      'error before',
      'error after',
      'slow',
      'hint lost',
    ])
      expect(done).not.toContain(kind);
  });

  it('leaves out what is named by its id, and nothing that came before it', async () => {
    const whole = await simulate({ seed: 17 });
    const id = whole.ids[10] as string;
    const report = await simulate({ seed: 17, without: [id] });
    expect(report.ids).not.toContain(id);
    expect(report.ids.slice(0, 10)).toEqual(whole.ids.slice(0, 10));
  });
});

/** The memory store with one operation that breaks a promise. */
const broken =
  <Request>(name: string, defect: (request: Request, carry: () => Promise<never>) => Promise<unknown>) =>
  async (): Promise<SimulationHarness> => {
    const backing = memoryBacking();
    return {
      open: async () => {
        const store = memoryStore({ backing });
        const transact: Transact = (transaction) => {
          const carry = () => store.transact(transaction);
          if (transaction.name !== name) return carry();
          return defect(transaction.args as Request, carry as () => Promise<never>) as Promise<never>;
        };
        return { ...store, transact };
      },
      dispose: async () => {},
    };
  };

/** The first seeds until one breaks a promise. */
/** `least`: of a run that had so many faults and commands before. */
async function firstBroken(store: () => Promise<SimulationHarness>, least = 0): Promise<SimulationReport> {
  for (let seed = 1; seed <= 30; seed++) {
    const report = await simulate({ seed, store });
    if (report.violation !== undefined && report.ids.length >= least) return report;
  }
  throw new Error('no seed found the defect');
}

describe('a simulation finds', () => {
  it('a store that answers enqueued for what it did not store', async () => {
    let calls = 0;
    const forgetful = broken<EnqueueRequest>('enqueue', async ({ jobs }, carry) => {
      calls += 1;
      return calls % 20 === 0 ? jobs.map(({ id }) => ({ id, status: 'enqueued' })) : carry();
    });
    expect((await firstBroken(forgetful)).violation?.rule).toBe('accepted means stored');
  });

  it('a store that calls settled what was stale', async () => {
    const flattering = broken('exchange', async (_, carry) => {
      const answer: ExchangeAnswer = await carry();
      return { ...answer, settled: answer.settled.map((one) => (one === 'stale' ? 'settled' : one)) };
    });
    expect((await firstBroken(flattering)).violation?.rule).toBe('fences');
  });

  it('a store that never takes a lease back', async () => {
    const hopeful = broken('reclaim', async () => ({ reclaimed: [], dead: [], cancelled: [] }));
    // Who takes leases back follows the clock, too.
    expect(['due means it runs', 'all that was accepted ends', 'waits end']).toContain(
      (await firstBroken(hopeful)).violation?.rule,
    );
  });

  it('a store that claims less than it could', async () => {
    const shy = broken<ExchangeRequest>('exchange', async ({ claim }, carry) => {
      if (claim === undefined) return carry();
      // The rule reads what was asked as it runs.
      const { limit } = claim;
      Object.assign(claim, { limit: 0 });
      const answer = await carry();
      Object.assign(claim, { limit });
      return answer;
    });
    expect((await firstBroken(shy)).violation?.rule).toBe('claims leave nothing');
  });

  it('a defect again when what had nothing to do with it is left out', async () => {
    const hasty = broken<ExtendRequest>('extend', async ({ leases }) => leases.map(() => 'extended'));
    const found = await firstBroken(hasty, 25);
    const { report } = await shorten({ seed: found.seed, store: hasty }, found);
    expect(report.violation?.rule).toBe(found.violation?.rule);
    expect(report.ids.length).toBeLessThan(found.ids.length / 2);
  });
});

const T = 1_750_000_000_000;
const answered: Met = { how: { kind: 'answered', reason: 'status 500' }, ageMs: 10, outageMs: 86_400_000 };

/** A queue of its own of which an account is kept, and what that complains of. */
function accounted() {
  const complaints: string[] = [];
  const store = storeCalls(memoryStore());
  const queue = 'account';
  const part = wholePart({ limits: { byName: {} }, keep: {}, drops: undefined });
  const ledger = new Ledger(store, queue, { partOf: () => part, elapsed: () => 0 }, (rule) =>
    complaints.push(rule),
  );
  const enter = (call: object) => ledger.enter({ context: 'c1', ...call } as unknown as Call);
  const exchange = async (
    now: number,
    settle: ExchangeRequest['settle'],
    limit: number,
    told: Partial<ExchangeAnswer> = {},
  ) => {
    const request = {
      queue,
      workerId: 'w',
      settle,
      claim: { names: { job: { version: 1, slots: 9 } }, limit, leaseMs: 30_000, idle: true },
    };
    const answer = await store.exchange(request, now);
    await enter({ method: 'exchange', request, answer: { ...answer, ...told }, now });
    return answer;
  };
  return {
    complaints,
    enqueue: async (now: number, id: string) => {
      const jobs = [{ id, known: false, name: 'job', version: 1, priority: 0, payload: null }];
      const answer = await store.enqueue({ queue, jobs }, now);
      await enter({ method: 'enqueue', request: { queue, jobs }, answer, now });
    },
    redrive: async (now: number, ...ids: string[]) => {
      const answer = await store.redrive({ queue, ids }, now);
      await enter({ method: 'redrive', request: { queue, ids }, answer, now });
      return answer;
    },
    /** Claims one and ends it so. `told`: what the account hears of it instead. */
    attempt: async (
      now: number,
      how: 'completes' | 'dies' | 'answered',
      told?: Pick<ExchangeAnswer, 'settled'>,
    ) => {
      const [claimed] = (await exchange(now, [], 1)).jobs;
      if (claimed === undefined) throw new Error(`nothing was to be claimed at ${now}`);
      const { fence, job: taken } = claimed;
      const error = { name: 'Error', message: 'refused', attempt: taken.attempt, at: now };
      const end = {
        completes: { outcome: { kind: 'complete' } },
        dies: { outcome: { kind: 'bury', error } },
        answered: { outcome: { kind: 'retry', runAt: now + 1_000, error }, met: answered },
      } as const;
      return (await exchange(now + 10, [{ id: taken.id, fence, ...end[how] }], 0, told)).settled[0];
    },
  };
}

describe('the account of a simulation', () => {
  it('holds against a job that lives what was, though somebody wanted to redrive it', async () => {
    const { attempt, complaints, enqueue, redrive } = accounted();
    await enqueue(T, 'x');
    expect(await attempt(T, 'answered')).toBe('spared');
    await enqueue(T + 20, 'good');
    await attempt(T + 20, 'completes');
    expect(await redrive(T + 40, 'x')).toEqual(['not-dead']);
    expect(await attempt(T + 2_000, 'answered')).toBe('settled');
    expect(complaints).toEqual([]);
  });

  it('holds nothing against a job that was redriven from the dead, and complains when an attempt counts', async () => {
    const { attempt, complaints, enqueue, redrive } = accounted();
    await enqueue(T, 'x');
    await attempt(T, 'answered');
    await enqueue(T + 20, 'good');
    await attempt(T + 20, 'completes');
    await attempt(T + 2_000, 'dies');
    expect(await redrive(T + 3_000, 'x')).toEqual(['redriven']);
    expect(complaints).toEqual([]);
    expect(await attempt(T + 3_000, 'answered', { settled: ['settled'] })).toBe('spared');
    expect(complaints).toContain('nothing counts without evidence');
  });
});

describe('a simulation of one’s own', () => {
  it('runs one’s own handlers, over and over, until each job is done', async () => {
    const sent = new Map<string, number>();
    const workload = (): Workload => ({
      jobs: () => ({ mail: job<{ to: string }>({ maxAttempts: 50 }) }),
      handlers: (context) => ({
        mail: async (mail, { job: { id }, signal }) => {
          await context.sleep(100, signal);
          sent.set(id, (sent.get(id) ?? 0) + 1);
          return mail;
        },
      }),
      next: (random) => ({ name: 'mail', payload: { to: `user ${random.between(1, 9)}` } }),
    });
    const report = await simulate({ seed: 17, workload, faults: ['crash', 'error'] });
    expect(report.violation).toBeUndefined();
    expect(report.jobs.completed + report.jobs.cancelled + report.jobs.dead).toBe(report.jobs.accepted);
    expect(sent.size).toBeGreaterThanOrEqual(report.jobs.completed);
  });
});
