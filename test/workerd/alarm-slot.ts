import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { systemEnvironment } from 'holdfast';
import type { AlarmStorage } from 'holdfast/edge';
import { laterTask } from '../../src/core/queue/later-task.ts';

const START = 1_750_000_000_000;

/** The storage of a real object with an alarm that the test fires, on a clock that the test sets. */
export class AlarmSlot {
  /** What is armed. */
  at: number | null = null;
  /** All that it was ever set to. */
  readonly sets: number[] = [];
  now = START;
  readonly environment = { ...systemEnvironment, now: () => this.now };
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  get sql(): SqlStorage {
    return this.#storage.sql;
  }

  /** The state as a new instance of the object gets it: nothing is remembered but what is stored. */
  boot(): { readonly storage: AlarmStorage } {
    return {
      storage: {
        sql: this.#storage.sql,
        transactionSync: (closure) => this.#storage.transactionSync(closure),
        sync: () => this.#storage.sync(),
        getAlarm: async () => this.at,
        setAlarm: async (at) => {
          this.sets.push(at);
          this.at = at;
        },
      },
    };
  }

  /** The clock comes to what is armed, and the alarm goes off: what it calls is the test's. */
  fire(): void {
    if (this.at === null) throw new Error('no alarm is armed');
    this.now = Math.max(this.now, this.at);
    this.at = null;
  }

  /** Until what was asked of the storage is answered. */
  async settle(): Promise<void> {
    await laterTask({});
  }
}

export function withAlarmSlot(act: (slot: AlarmSlot) => Promise<void>): Promise<void> {
  const stub = env.PLAIN.get(env.PLAIN.newUniqueId());
  return runInDurableObject(stub, (_object, { storage }) => act(new AlarmSlot(storage)));
}
