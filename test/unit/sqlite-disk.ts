import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

const CORRUPT = 11;
const IO_ERROR = 10;

const failure = (message: string, errcode: number): Error => Object.assign(new Error(message), { errcode });

/** Lies under a database: reads of some rows fail, as SQLite's do on a page that it cannot make out. */
export class FailingDisk {
  /** No row can be read. */
  isDown = false;
  readonly #lost = new Set<string>();

  /** As long as they are where they are: what is written anew can be read. */
  lose(queue: string, ids: readonly string[]): void {
    for (const id of ids) this.#lost.add(`${queue} ${id}`);
  }

  under(database: DatabaseSync): DatabaseSync {
    return new Proxy(database, {
      get: (target, name) => {
        if (name === 'prepare') return (text: string) => this.#statement(target, text);
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  #statement(database: DatabaseSync, text: string): StatementSync {
    const statement = database.prepare(text);
    const all = (...values: SQLInputValue[]) => {
      this.#check(database, text, values);
      return statement.all(...values);
    };
    return { all } as unknown as StatementSync;
  }

  #check(database: DatabaseSync, text: string, values: SQLInputValue[]): void {
    if (text.startsWith('INSERT INTO holdfast_rows')) this.#lost.delete(`${values[0]} ${values[3]}`);
    const [, columns = '', from = ''] = /^SELECT (.*?) (FROM holdfast_[\s\S]*)$/.exec(text) ?? [];
    if (this.isDown && /\*|control|claims|value/.test(columns)) throw failure('disk I/O error', IO_ERROR);
    if (columns !== '*' || this.#lost.size === 0) return;
    const found = database.prepare(`SELECT queue, id ${from}`).all(...values);
    if (found.some(({ queue, id }) => this.#lost.has(`${queue} ${id}`)))
      throw failure('database disk image is malformed', CORRUPT);
  }
}
