import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { Store } from 'holdfast';
import { durableObjectStore } from 'holdfast/durable-object';
import { describe, expect, it } from 'vitest';
import { storeCalls } from '../../src/testing/store-calls.ts';
import { type DamageScene, describeDamage } from '../chromium/damage-laws.ts';
import { NOW, spec } from '../chromium/specs.ts';

const TABLES = ['holdfast_jobs', 'holdfast_parked', 'holdfast_finals'];
type Stored = Record<'row' | 'payload', string>;

/** A store in an object of its own, and statements that write past it. */
async function damagedObject(): Promise<DamageScene> {
  const stub = env.PLAIN.get(env.PLAIN.newUniqueId());
  const inside = <T>(act: (state: DurableObjectState) => T | Promise<T>): Promise<T> =>
    runInDurableObject(stub, (_object, state) => act(state));
  const made = await inside((state) => durableObjectStore(state));
  const remote = new Proxy(made, {
    get: (target, name) => {
      const member: unknown = target[name as keyof Store];
      if (typeof member !== 'function') return member;
      return (...given: unknown[]) => inside(() => member(...given));
    },
  });
  const store = storeCalls(remote);
  const sql = (query: string, ...bindings: (string | number)[]) =>
    inside(({ storage }) => storage.sql.exec<Stored>(query, ...bindings).toArray());

  async function find(id: string): Promise<{ table: string; stored: Stored }> {
    for (const table of TABLES) {
      const [stored] = await sql(`SELECT * FROM ${table} WHERE id = ?`, `q\u0001${id}`);
      if (stored !== undefined) return { table, stored };
    }
    throw new Error(`there is no row of ${id}`);
  }

  async function set(id: string, column: keyof Stored, value: unknown): Promise<void> {
    const { table } = await find(id);
    await sql(`UPDATE ${table} SET ${column} = ? WHERE id = ?`, value as string, `q\u0001${id}`);
  }

  return {
    store,
    async editRow(id, edit) {
      await set(id, 'row', edit((await find(id)).stored.row));
    },
    async breakPayload(id) {
      const { payload } = (await find(id)).stored;
      await set(id, 'payload', payload.slice(0, 4));
      return () => set(id, 'payload', payload);
    },
    async storedOf(id) {
      return JSON.stringify((await find(id)).stored);
    },
    async editQueue(edit) {
      const [found] = await sql(`SELECT control AS row FROM holdfast_queues WHERE queue = 'q'`);
      const { control, ...rest } = JSON.parse(found?.row ?? '');
      const edited = JSON.stringify({ ...rest, control: edit(control) });
      await sql(`UPDATE holdfast_queues SET control = ? WHERE queue = 'q'`, edited);
    },
    dispose: async () => {},
  };
}

describeDamage('Durable Object', damagedObject);

const inFreshObject = (act: (state: DurableObjectState) => Promise<void>) =>
  runInDurableObject(env.PLAIN.get(env.PLAIN.newUniqueId()), (_object, state) => act(state));

describe('a payload in a Durable Object', () => {
  it.each([
    ['of a form that is not known', 'z{}', 'its form "z" is not known'],
    ['without a form', '', 'its form "" is not known'],
    ['of a type that is not known', 'd[["Temporal",1],"x"]', 'Temporal'],
    ['that is torn', 'd[[1', 'JSON'],
  ])('%s is buried with what it is that cannot be read', (_, payload, why) =>
    inFreshObject(async (state) => {
      const store = storeCalls(durableObjectStore(state));
      await store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW);
      state.storage.sql.exec(`UPDATE holdfast_jobs SET payload = ?`, payload);
      const names = { push: { version: 1, slots: 1 } };
      const claim = { names, limit: 1, leaseMs: 30_000, idle: true };
      const { buried } = await store.exchange({ queue: 'q', workerId: 'w', settle: [], claim }, NOW);
      expect(buried).toMatchObject([{ errors: [{ message: expect.stringContaining(why) }] }]);
      expect(state.storage.sql.exec(`SELECT payload FROM holdfast_finals`).one()).toEqual({ payload });
    }),
  );
});

describe('tables that this version does not know', () => {
  it.each([[99], ['newest']])(
    'version %s is told as StoreError, not to be tried again, and nothing is written',
    (version) =>
      inFreshObject(async (state) => {
        const { sql } = state.storage;
        durableObjectStore(state);
        sql.exec(`UPDATE holdfast_schema SET version = ?`, version);
        const tables = () => sql.exec(`SELECT name, sql FROM sqlite_master ORDER BY name`).toArray();
        const before = tables();
        expect(() => durableObjectStore(state)).toThrow(
          expect.objectContaining({
            code: 'Store',
            retryable: false,
            message: expect.stringContaining(`the tables are of version ${JSON.stringify(version)}`),
          }),
        );
        expect(tables()).toEqual(before);
        expect(sql.exec(`SELECT version FROM holdfast_schema`).one()).toEqual({ version });
      }),
  );
});

describe("the row of an object's queue", () => {
  it('that is torn is made anew: no job is lost, and what ran has lost its lease', () =>
    inFreshObject(async (state) => {
      const store = storeCalls(durableObjectStore(state));
      await store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW);
      const names = { push: { version: 1, slots: 9 } };
      const claim = { names, limit: 9, leaseMs: 30_000, idle: true };
      const { jobs } = await store.exchange({ queue: 'q', workerId: 'w', settle: [], claim }, NOW);
      state.storage.sql.exec(`UPDATE holdfast_queues SET control = '{"torn'`);
      expect(store.nextAt('q', NOW)).toBe(NOW);
      expect(await store.enqueue({ queue: 'q', jobs: [spec('y')] }, NOW)).toMatchObject([
        { status: 'enqueued' },
      ]);
      const settle = [{ id: 'x', fence: jobs[0]?.fence ?? 0, outcome: { kind: 'complete' } as const }];
      const next = await store.exchange({ queue: 'q', workerId: 'w', settle, claim }, NOW);
      expect(next.settled).toEqual(['stale']);
      expect(next.jobs.map(({ job }) => job.id)).toEqual(['x', 'y']);
      expect(await store.count({ queue: 'q' })).toMatchObject({ pending: 0, active: 2 });
    }));

  it.each([['halt'], ['ended'], ['schedule']])('has a torn record of the kind %s: the others go on', (kind) =>
    inFreshObject(async (state) => {
      const store = storeCalls(durableObjectStore(state));
      await store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW);
      const insert = `INSERT INTO holdfast_records (queue, kind, key, value) VALUES ('q', ?, 'k', '{"torn')`;
      state.storage.sql.exec(insert, kind);
      state.storage.sql.exec(
        `UPDATE holdfast_queues SET control = json_set(control, '$.control.ended', json('true'))`,
      );
      const names = { push: { version: 1, slots: 9 } };
      const claim = { names, limit: 9, leaseMs: 30_000, idle: true };
      const { jobs } = await store.exchange({ queue: 'q', workerId: 'w', settle: [], claim }, NOW);
      expect(jobs.map(({ job }) => job.id)).toEqual(['x']);
      expect(await store.listSchedules({ queue: 'q' })).toEqual([]);
    }),
  );
});
