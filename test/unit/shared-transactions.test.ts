import 'fake-indexeddb/auto';
import { count, createQueue, job, list, type Queue, QueueFullError, work } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { fakeEnvironment } from 'holdfast/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { freshName } from '../chromium/database.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

type Store = ReturnType<typeof indexedDBStore>;

/** A queue with a worker that sleeps, and the transactions of its database that write: those that end, and those that are aborted. */
async function scene({ name = freshName(), maxDepth = 10 } = {}) {
  const inner = indexedDBStore(name);
  const asked: string[] = [];
  /** What goes wrong in the next exchange, once it has changed its rows. */
  let fails: (() => never) | undefined;
  const store: Store = {
    ...inner,
    transact: (transaction) => {
      asked.push(transaction.name);
      if (transaction.name !== 'exchange') return inner.transact(transaction);
      return inner.transact({
        ...transaction,
        *run(rows) {
          const answer = yield* transaction.run(rows);
          const failing = fails;
          fails = undefined;
          failing?.();
          return answer;
        },
      });
    },
  };
  const environment = fakeEnvironment();
  const queue = createQueue({ name: 'sync', jobs: { push: job<string>() }, store, environment, maxDepth });
  const ran: string[] = [];
  work(queue, { push: (word) => void ran.push(word) });
  const completed = (word: string) =>
    new Promise<void>((resolve) => {
      queue.on('job:completed', ({ job: { payload } }) => payload === word && resolve());
    });
  const runs = async (word: string, enqueue: () => Promise<unknown> = () => queue.enqueue('push', word)) => {
    const ended = completed(word);
    await enqueue();
    await environment.until(ended);
    await environment.flush();
  };
  await runs('first');
  const written = spyOnWrites();
  return {
    queue,
    environment,
    asked,
    ran,
    runs,
    written,
    failNextExchange: () => {
      fails = () => {
        throw new Error('it fails');
      };
    },
  };
}

function spyOnWrites() {
  const written = { committed: 0, aborted: 0 };
  const { transaction } = IDBDatabase.prototype;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
    this: IDBDatabase,
    names,
    mode,
    ...rest
  ) {
    const begun = transaction.call(this, names, mode, ...rest);
    if (mode === 'readwrite') {
      begun.addEventListener('complete', () => {
        written.committed += 1;
      });
      begun.addEventListener('abort', () => {
        written.aborted += 1;
      });
    }
    return begun;
  });
  return written;
}

const left = async (queue: Queue) => {
  const { pending, active, completed } = await count(queue);
  return { pending, active, completed };
};

describe('a worker that sleeps beside an enqueue of its context, over IndexedDB', () => {
  it('claims in the transaction of the enqueue: a whole life is two', async () => {
    const { runs, ran, written } = await scene();
    await runs('one');
    expect(ran).toEqual(['first', 'one']);
    expect(written).toEqual({ committed: 2, aborted: 0 });
  });

  it('claims a job in a lane so, too, once the end of one has shown that it looks further', async () => {
    const { queue, runs, ran, written } = await scene();
    await runs('one', () => queue.enqueue('push', 'one', { lane: 'a' }));
    expect(ran).toEqual(['first', 'one']);
    // Both found that they need more object stores than most, and ask for them from then on.
    const { committed, aborted } = written;
    await runs('two', () => queue.enqueue('push', 'two', { lane: 'a' }));
    expect(written).toEqual({ committed: committed + 2, aborted });
  });

  it('does not begin a job whose enqueue is not stored', async () => {
    const { queue, runs, ran, written } = await scene();
    // Both are written, and then the disk is full.
    vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementationOnce(function (this: IDBTransaction) {
      this.abort();
    });
    await runs('one');
    expect(ran).toEqual(['first', 'one']);
    expect(written.aborted).toBe(1);
    expect(await left(queue)).toEqual({ pending: 0, active: 0, completed: 2 });
  });

  it('is told when the answer of both is lost after they were stored, and says what it holds: each job runs once', async () => {
    const { queue, environment, ran, runs } = await scene();
    const errors: unknown[] = [];
    queue.on('worker:error', ({ error }) => errors.push(error));
    const { addEventListener } = IDBTransaction.prototype;
    // The next transaction that writes is stored, and its end is told as an abort.
    let lost: IDBTransaction | undefined;
    vi.spyOn(IDBTransaction.prototype, 'addEventListener').mockImplementation(function (
      this: IDBTransaction,
      type: string,
      listener: EventListenerOrEventListenerObject,
      ...rest
    ) {
      if (this.mode === 'readwrite') lost ??= this;
      const told = { abort: 'complete', complete: 'abort' }[type] ?? type;
      addEventListener.call(this, this === lost ? told : type, listener, ...rest);
    });
    await runs('one');
    await runs('two');
    expect(errors).toHaveLength(1);
    expect(ran).toEqual(['first', 'one', 'two']);
    await environment.flush();
    expect(await left(queue)).toEqual({ pending: 0, active: 0, completed: 3 });
  });

  it('keeps no enqueue from being stored when its claim fails, and claims by itself', async () => {
    const { queue, asked, runs, ran, written, failNextExchange } = await scene();
    failNextExchange();
    asked.length = 0;
    await runs('one');
    // Not even repeated: nobody hears of it.
    expect(asked.filter((name) => name === 'enqueue')).toHaveLength(1);
    expect(ran).toEqual(['first', 'one']);
    expect(written.aborted).toBe(1);
    expect(await left(queue)).toEqual({ pending: 0, active: 0, completed: 2 });
  });

  it('claims by itself beside an enqueue that is refused', async () => {
    const { queue, environment, runs, ran } = await scene({ maxDepth: 1 });
    await queue.enqueue('push', 'later', { delayMs: 60_000 });
    await environment.flush();
    await expect(queue.enqueue('push', 'refused')).rejects.toThrow(QueueFullError);
    await environment.flush();
    expect(await list(queue, { state: 'pending' })).toMatchObject({ jobs: [{ payload: 'later' }] });
    await runs('later', async () => environment.advance(60_000));
    expect(ran).toEqual(['first', 'later']);
  });

  it('that another opening of the database works on claims by itself: an enqueue has no more stores than it needs', async () => {
    const name = freshName();
    const { environment } = await scene({ name });
    const other = createQueue({
      name: 'sync',
      jobs: { push: job<string>() },
      store: indexedDBStore(name),
      environment,
    });
    const asked = vi.mocked(IDBDatabase.prototype.transaction).mock;
    const before = asked.calls.length;
    await other.enqueue('push', 'one');
    const scopes = asked.calls.slice(before).filter(([, mode]) => mode === 'readwrite');
    expect(scopes[0]?.[0]).not.toContain('holdfast.claims');
  });
});
