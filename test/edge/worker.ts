import { DurableObject } from 'cloudflare:workers';
import { count, defineJobs, enqueueMany, fixed, job, list, systemEnvironment } from 'holdfast';
import { type AlarmInfo, type AlarmStorage, durableObjectQueue, SharedAlarm } from 'holdfast/edge';
import type { Completion, Deed, Effect, Order, TankState, Told } from './messages.ts';

/** Replaced by the test when it deploys: the code itself changes. */
declare const CODE_VERSION: number;

interface Env {
  readonly TANK: DurableObjectNamespace<Tank>;
  /** The test. */
  readonly TEST: Fetcher;
}

const jobs = defineJobs({
  work: job<Deed>({ maxAttempts: 3, maxCrashes: 3, backoff: fixed({ delayMs: 100 }) }),
  later: job<Deed>(),
});

/** An object with a table of its own, a queue whose handlers misbehave as told, and a second user of its alarm that only throws. */
export class Tank extends DurableObject<Env> {
  readonly #queue;
  readonly #sql: SqlStorage;
  readonly #name: string;
  #otherAt: number | undefined;
  #otherWoken = 0;
  #ownThrows = false;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#sql = state.storage.sql;
    this.#name = state.id.name ?? '';
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS effects (id TEXT, fence INTEGER, at INTEGER, version INTEGER);
      CREATE TABLE IF NOT EXISTS completions (id TEXT, fence INTEGER, failures INTEGER);
      CREATE TABLE IF NOT EXISTS clock (one INTEGER PRIMARY KEY, offset INTEGER);
      CREATE TABLE IF NOT EXISTS alarms (at INTEGER);
    `);
    const storage = this.#storage();
    const alarm = new SharedAlarm({ storage }, { now: () => this.#now(), onError: () => undefined });
    alarm.join('other', {
      nextAt: () => this.#otherAt,
      wake: () => {
        this.#otherWoken += 1;
        throw new Error('the other user throws');
      },
    });
    const environment = { ...systemEnvironment, now: () => this.#now() };
    this.#queue = durableObjectQueue(
      { storage },
      {
        name: 'tank',
        jobs,
        alarm,
        environment,
        // A queue may also be told in its alarm only.
        ...(this.#name.startsWith('untold') ? {} : { handlers: this.#handlers() }),
      },
    );
    this.#queue.on('job:completed', ({ job: { id, lease, failures } }) => {
      this.#sql.exec('INSERT INTO completions VALUES (?, ?, ?)', id, lease?.fence ?? null, failures);
    });
  }

  /** The object's storage on a clock that can be set: the platform's alarm goes by the same clock. */
  #storage(): AlarmStorage {
    const { storage } = this.ctx;
    return {
      sql: storage.sql,
      transactionSync: (closure) => storage.transactionSync(closure),
      getAlarm: async () => {
        const at = await storage.getAlarm();
        return at === null ? null : at + this.#offset();
      },
      setAlarm: (at) => storage.setAlarm(at - this.#offset()),
      sync: () => storage.sync(),
    };
  }

  #offset(): number {
    return this.#sql.exec<{ offset: number }>('SELECT offset FROM clock').toArray()[0]?.offset ?? 0;
  }

  #now(): number {
    return Date.now() + this.#offset();
  }

  #handlers() {
    const run = (deed: Deed, context: { readonly job: { readonly id: string }; readonly fence: number }) =>
      this.#run(deed, context.job.id, context.fence);
    return CODE_VERSION > 1 ? { work: run, later: run } : { work: run };
  }

  async #run({ act, ms = 0 }: Deed, id: string, fence: number): Promise<void> {
    if (act === 'throw') throw new Error('told to throw');
    if (act === 'hang') {
      this.#tell('running', id);
      await new Promise(() => undefined);
    }
    if (ms > 0) await scheduler.wait(ms);
    if (act === 'abort') this.ctx.abort('told to abort');
    this.#sql.exec('INSERT INTO effects VALUES (?, ?, ?, ?)', id, fence, Date.now(), CODE_VERSION);
    this.#tell('effect', id);
  }

  /** Not waited for: a test that does not listen is no reason to stop. */
  #tell(what: Told['what'], id: string): void {
    const told: Told = { tank: this.#name, what, id, version: CODE_VERSION };
    const telling = this.env.TEST.fetch('http://test/told', { method: 'POST', body: JSON.stringify(told) });
    this.ctx.waitUntil(telling.then((response) => response.body?.cancel()));
  }

  override async alarm(info?: AlarmInfo): Promise<void> {
    this.#sql.exec('INSERT INTO alarms VALUES (?)', Date.now());
    await this.#queue.onAlarm(this.#handlers(), info);
    if (this.#ownThrows) throw new Error('what the class does in its alarm throws');
  }

  override async fetch(request: Request): Promise<Response> {
    switch (new URL(request.url).pathname) {
      case '/enqueue':
        return Response.json(await enqueueMany(this.#queue, await request.json<Order[]>()));
      case '/state':
        return Response.json(await this.#state());
      case '/abort':
        this.ctx.abort('told to abort');
        break;
      case '/other':
        this.#otherAt = Date.now();
        this.#queue.alarm.wish(this.#otherAt);
        return Response.json(null);
      case '/own':
        this.#ownThrows = true;
        return Response.json(null);
      case '/clock': {
        const { byMs } = await request.json<{ byMs: number }>();
        await this.#moveClock(byMs);
        return Response.json(null);
      }
    }
    return new Response(null, { status: 404 });
  }

  /** As when the machine's clock is set: what was armed keeps the instant it was armed for. */
  async #moveClock(byMs: number): Promise<void> {
    const { storage } = this.ctx;
    const at = await storage.getAlarm();
    this.#sql.exec('INSERT OR REPLACE INTO clock VALUES (1, ?)', this.#offset() + byMs);
    if (at !== null) await storage.setAlarm(at - byMs);
  }

  async #state(): Promise<TankState> {
    const pending: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await list(this.#queue, { state: 'pending', limit: 1_000, ...(cursor ? { cursor } : {}) });
      pending.push(...page.jobs.map(({ id }) => id));
      cursor = page.cursor;
      if (cursor === undefined) break;
    }
    const dead = await list(this.#queue, { state: 'dead' });
    return {
      counts: await count(this.#queue),
      effects: this.#rows<Effect>('SELECT id, fence, at, version FROM effects'),
      completions: this.#rows<Completion>('SELECT id, fence, failures FROM completions'),
      pending,
      dead: dead.jobs.map(({ id, failures, crashes }) => ({ id, failures, crashes })),
      alarmAt: await this.ctx.storage.getAlarm(),
      alarms: this.#rows('SELECT at FROM alarms').length,
      otherWoken: this.#otherWoken,
    };
  }

  #rows<T extends object>(query: string): T[] {
    return this.#sql.exec(query).toArray() as unknown as T[];
  }
}

export default {
  fetch(request: Request, env: Env): Promise<Response> {
    const name = new URL(request.url).searchParams.get('tank') ?? '';
    return env.TANK.get(env.TANK.idFromName(name)).fetch(request);
  },
};
