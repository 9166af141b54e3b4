import { memoryStore, type Store } from 'holdfast';
import { type Entry, type Indexed, runAsync, type Table, TableRows, type Tables } from 'holdfast/store';
import { describeModel } from 'holdfast/testing/conformance';

type Stored = Map<string, Entry & { readonly table: Table }>;

const copy = <T>(value: T): Promise<T> => Promise.resolve(structuredClone(value));

/** Entries in a map, whose reads return by promises, as a database's over a wire would. */
class SlowTables implements Tables {
  readonly #stored: Stored;

  constructor(stored: Stored) {
    this.#stored = stored;
  }

  #those(is: (entry: Entry & { readonly table: Table }) => boolean, limit: number) {
    const found = [...this.#stored.values()].filter(is);
    return copy(found.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, limit));
  }

  get(table: Table, key: string) {
    return copy(this.#stored.get(`${table} ${key}`));
  }

  range(of: Table, after: string, through: string | undefined, limit: number) {
    const isIn = (key: string) => key > after && (through === undefined || key <= through);
    return this.#those(({ table, key }) => table === of && isIn(key), limit);
  }

  find(index: keyof Indexed, value: string, limit: number) {
    return this.#those((entry) => entry[index] === value, limit);
  }

  put(table: Table, entry: Entry, isNew: boolean): void {
    const at = `${table} ${entry.key}`;
    if (isNew && this.#stored.has(at)) throw new Error(`${at} is there`);
    this.#stored.set(at, structuredClone({ ...entry, table }));
  }

  drop(table: Table, key: string): void {
    this.#stored.delete(`${table} ${key}`);
  }

  async clear() {
    this.#stored.clear();
    return 0;
  }
}

function slowStore(queues: Map<string, Stored>): Store {
  const { codec } = memoryStore();
  let last: Promise<unknown> = Promise.resolve();
  return {
    codec,
    transact: ({ queue, run }) => {
      const one = async () => {
        const stored: Stored = new Map(queues.get(queue));
        const answer = await runAsync(run(new TableRows(queue, codec, new SlowTables(stored))));
        queues.set(queue, stored);
        return answer;
      };
      const answer = last.then(one);
      last = answer.catch(() => undefined);
      return answer;
    },
    close: async () => {},
  };
}

describeModel(
  'tables that return by promises',
  async () => {
    const queues = new Map<string, Stored>();
    return {
      open: async () => slowStore(queues),
      steps: () => ({ read: 0, written: 0 }),
      dispose: async () => {},
    };
  },
  { runs: 100 },
);
