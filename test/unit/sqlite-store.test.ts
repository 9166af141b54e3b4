import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { cancel, count, createQueue, defineJobs, drain, enqueueMany, job, list, prepare } from 'holdfast';
import { runSync, TableRows } from 'holdfast/store';
import { audit, simulate } from 'holdfast/testing';
import { describeJobStore, describeModel } from 'holdfast/testing/conformance';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { storeCalls } from '../../src/testing/store-calls.ts';
import { FailingDisk } from './sqlite-disk.ts';
import { sqliteStore } from './sqlite-store.ts';
import { SqliteTables, sqliteCodec, statementsOf } from './sqlite-tables.ts';

/** A new database in a file, opened as often as it takes: each opening has a connection of its own. */
async function freshDatabase() {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-'));
  const connections: DatabaseSync[] = [];
  const steps = { read: 0, written: 0 };
  const disk = new FailingDisk();
  const connect = () => {
    const database = new DatabaseSync(join(folder, 'app.db'));
    // Nothing is cut short here, so nothing has to wait for the disk.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
    connections.push(database);
    return database;
  };
  return {
    connect,
    open: async () => sqliteStore(disk.under(connect()), { onStep: (kind, rows) => (steps[kind] += rows) }),
    steps: () => ({ ...steps }),
    loseRows: async (queue: string, lost: readonly string[]) => disk.lose(queue, lost),
    failReads: async () => {
      disk.isDown = true;
      return async () => {
        disk.isDown = false;
      };
    },
    audit: async (queue: string) => {
      const [first] = connections;
      if (first === undefined) return [];
      const tables = new SqliteTables(queue, statementsOf(first));
      return runSync(audit(new TableRows(queue, sqliteCodec, tables)));
    },
    dispose: async () => {
      for (const connection of connections) connection.close();
      rmSync(folder, { recursive: true });
    },
  };
}

describeJobStore('SQLite', freshDatabase, { losesRows: true });
describeModel('SQLite', freshDatabase, { runs: 100 });

describe('SQLite in a simulation', () => {
  it('keeps every promise, and its rows in order', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const report = await simulate({ seed, steps: 200, store: freshDatabase });
      expect(report.violation, report.trace.join('\n')).toBeUndefined();
    }
  });
});

describe('a SQLite database of the app’s own', () => {
  let harness: Awaited<ReturnType<typeof freshDatabase>>;
  let database: DatabaseSync;
  beforeEach(async () => {
    harness = await freshDatabase();
    database = harness.connect();
    database.exec('CREATE TABLE letters (text TEXT)');
  });
  afterEach(() => harness.dispose());

  const queueOf = () => {
    const jobs = defineJobs({ send: job<string>() });
    return createQueue({ name: 'mail', jobs, store: sqliteStore(database) });
  };
  const letters = () => database.prepare('SELECT text FROM letters').all();

  it.each([
    { end: 'COMMIT', pending: 1, written: 1 },
    { end: 'ROLLBACK', pending: 0, written: 0 },
  ])('keeps the app’s rows and their jobs together at $end', async ({ end, pending, written }) => {
    const queue = queueOf();
    const prepared = await prepare(queue, 'send', 'dear all');
    database.exec(`BEGIN; INSERT INTO letters VALUES ('dear all')`);
    const { committed } = prepared.addTo(database);
    database.exec(end);
    await committed;
    expect(letters()).toHaveLength(written);
    expect(await count(queue)).toMatchObject({ pending });
  });

  it('takes no job into a transaction that is not open', async () => {
    const prepared = await prepare(queueOf(), 'send', 'dear all');
    expect(() => prepared.addTo(database)).toThrow(expect.objectContaining({ code: 'InvalidOption' }));
  });

  it('leaves a transaction alone that the app has open', async () => {
    const store = storeCalls(sqliteStore(database));
    database.exec(`BEGIN; INSERT INTO letters VALUES ('dear all')`);
    const refused = { code: 'Store', retryable: true };
    await expect(store.pause({ queue: 'mail' }, 1)).rejects.toMatchObject(refused);
    database.exec('COMMIT');
    expect(letters()).toHaveLength(1);
  });

  it('is never read from end to end', async () => {
    const prepare = vi.spyOn(database, 'prepare');
    const queue = queueOf();
    const options = { lane: 'a', idempotencyKey: 'b' };
    await enqueueMany(
      queue,
      [1, 2].map((n) => ({ name: 'send', payload: `letter ${n}`, ...options })),
    );
    const { id } = await queue.enqueue('send', 'another', { lane: 'a' });
    await drain(queue, { send: async () => {} });
    await cancel(queue, id);
    for (const state of ['pending', 'dead', 'completed'] as const) await list(queue, { state });
    const texts = prepare.mock.calls.map(([text]) => text);
    expect(texts.length).toBeGreaterThan(7);
    const steps = texts.flatMap((text) => database.prepare(`EXPLAIN QUERY PLAN ${text}`).all());
    // Jobs are searched for by more than their queue.
    const narrow = /^SEARCH holdfast_rows .*\(queue=\? AND /;
    expect(steps.filter(({ detail }) => !narrow.test(String(detail)))).toEqual([]);
  });
});
