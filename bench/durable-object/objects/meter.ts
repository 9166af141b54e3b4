import type { Bill } from '../deed.ts';

/**
 * Stands between an object and its storage: counts what is billed, and can keep back the alarms that are set. It is put into the
 * object's own state, so that a peer which takes the whole state is measured like everybody else.
 */
export class Meter {
  readonly #setAlarm: (at: number | Date) => Promise<void>;
  #cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] | undefined;
  #held = false;
  #heldAt: number | undefined;
  #alarmsSet = 0;
  #alarmsRun = 0;

  constructor({ storage }: DurableObjectState) {
    const { sql } = storage;
    const exec = sql.exec.bind(sql);
    const getAlarm = storage.getAlarm.bind(storage);
    const deleteAlarm = storage.deleteAlarm.bind(storage);
    this.#setAlarm = storage.setAlarm.bind(storage);
    Object.assign(sql, {
      exec: (query: string, ...bindings: unknown[]) => {
        const cursor = exec(query, ...bindings);
        this.#cursors?.push(cursor);
        return cursor;
      },
    });
    Object.assign(storage, {
      setAlarm: async (at: number | Date) => {
        this.#alarmsSet += 1;
        if (this.#held) this.#heldAt = Number(at);
        else await this.#setAlarm(at);
      },
      getAlarm: async () => (this.#held ? (this.#heldAt ?? null) : await getAlarm()),
      deleteAlarm: async () => {
        this.#heldAt = undefined;
        if (!this.#held) await deleteAlarm();
      },
    });
  }

  start(): void {
    this.#cursors = [];
    this.#alarmsSet = 0;
    this.#alarmsRun = 0;
  }

  /** What was billed since `start`. */
  bill(): Omit<Bill, 'done'> {
    const cursors = this.#cursors ?? [];
    this.#cursors = undefined;
    return {
      rowsRead: cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0),
      rowsWritten: cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0),
      alarmsSet: this.#alarmsSet,
      alarmsRun: this.#alarmsRun,
    };
  }

  ran(): void {
    this.#alarmsRun += 1;
  }

  hold(): void {
    this.#held = true;
  }

  /** The alarm that was held back comes, if one was set. */
  async release(): Promise<void> {
    const at = this.#heldAt;
    this.#held = false;
    this.#heldAt = undefined;
    if (at !== undefined) await this.#setAlarm(at);
  }
}
