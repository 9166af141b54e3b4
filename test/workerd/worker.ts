import { DurableObject } from 'cloudflare:workers';
import { defineJobs, exponential, job, keys, results, type StandardSchema, schema } from 'holdfast';
import { type AlarmInfo, durableObjectQueue, type QueueReply, serveQueue } from 'holdfast/edge';
import { everything } from '../unit/everything.ts';
import { front } from './front.ts';

interface Letter {
  readonly to: string;
  readonly text?: string;
}

const letterSchema: StandardSchema<Letter> = {
  '~standard': {
    version: 1,
    vendor: 'tests',
    validate: (value) => {
      const { to } = (value ?? {}) as Partial<Letter>;
      return typeof to === 'string'
        ? { value: value as Letter }
        : { issues: [{ message: 'expected a text', path: ['to'] }] };
    },
  },
};

/** An object with nothing of its own: what is tested is made inside it. */
export class Plain extends DurableObject {}

export const jobs = defineJobs({
  send: job<{ n: number; fails?: number }>({ backoff: exponential({ initialMs: 60_000 }), maxAttempts: 3 }),
  unhandled: job(),
  letter: job({ payload: letterSchema }),
});

export const use = [keys(), schema(), results()] as const;

/** An object with tables of its own, a queue beside them, and counters of what the platform bills. */
export class Mailer extends DurableObject {
  readonly cost = { read: 0, written: 0, setAlarm: 0 };
  readonly ran: number[] = [];
  readonly queue;
  readonly #exposed: (call: unknown) => Promise<QueueReply>;

  constructor(state: DurableObjectState, env: Cloudflare.Env) {
    super(state, env);
    state.storage.sql.exec('CREATE TABLE IF NOT EXISTS letters (id TEXT PRIMARY KEY)');
    const { storage } = state;
    this.queue = durableObjectQueue(
      {
        storage: {
          sql: storage.sql,
          transactionSync: (closure) => storage.transactionSync(closure),
          getAlarm: () => storage.getAlarm(),
          setAlarm: (at) => {
            this.cost.setAlarm += 1;
            return storage.setAlarm(at);
          },
        },
      },
      { name: 'mail', jobs, use, onStep: (kind, rows) => (this.cost[kind] += rows) },
    );
    this.#exposed = serveQueue(this.queue, everything, { handlers: this.#handlers });
  }

  readonly #handlers = {
    send: ({ n, fails = 0 }: { n: number; fails?: number }, { attempt }: { attempt: number }) => {
      this.ran.push(n);
      if (attempt <= fails) throw new Error(`attempt ${attempt} fails`);
    },
  };

  override async alarm(info?: AlarmInfo): Promise<void> {
    await this.queue.onAlarm(this.#handlers, info);
  }

  holdfast(call: unknown): Promise<QueueReply> {
    return this.#exposed(call);
  }
}

/** Serves tests only. */
export default { fetch: front };
