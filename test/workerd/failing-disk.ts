import type { ObjectState } from 'holdfast/durable-object';

/** Lies under the storage of an object: reads of some rows fail, as SQLite's do on a page that it cannot make out. */
export class FailingDisk {
  /** No row can be read. */
  isDown = false;
  readonly #lost = new Set<string>();

  /** As long as they are where they are: what is written anew can be read. */
  lose(queue: string, ids: readonly string[]): void {
    for (const id of ids) this.#lost.add(`${queue}\u0001${id}`);
  }

  under({ storage }: DurableObjectState): ObjectState {
    const exec: DurableObjectStorage['sql']['exec'] = (query, ...bindings) => {
      const [, columns = '', from = ''] =
        /^\s*SELECT (.*?) (FROM holdfast_\w+ WHERE [\s\S]*)$/.exec(query) ?? [];
      const isValue = /\*|row|payload|control/.test(columns);
      if (isValue && this.isDown) throw new Error('disk I/O error: SQLITE_IOERR');
      if (query.startsWith('SELECT control') && this.isDown) throw new Error('disk I/O error: SQLITE_IOERR');
      if (isValue && /holdfast_(jobs|parked|finals)/.test(from) && this.#lost.size > 0) {
        const ids = storage.sql.exec<{ id: string }>(`SELECT id ${from}`, ...bindings).toArray();
        if (ids.some(({ id }) => this.#lost.has(id)))
          throw new Error('database disk image is malformed: SQLITE_CORRUPT');
      }
      for (const written of /^\s*(?:INSERT|UPDATE)/.test(query) ? bindings : [])
        this.#lost.delete(String(written));
      return storage.sql.exec(query, ...bindings);
    };
    return {
      storage: {
        sql: { exec } as unknown as ObjectState['storage']['sql'],
        transactionSync: (closure) => storage.transactionSync(closure),
        sync: () => storage.sync(),
      },
    };
  }
}
