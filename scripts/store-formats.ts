/**
 * `node scripts/store-formats.ts`: writes what the stores hold today to test/formats, a file for each version of a format. Tests open them from then
 * on; a file that is there is never written again.
 */
import 'fake-indexeddb/auto';
import { existsSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { stringify } from 'devalue';
import { durableObjectStore, type ObjectState, type SqlValue } from '../src/stores/durable-object/index.ts';
import { indexedDBStore } from '../src/stores/indexeddb/index.ts';
import { dumpOf } from '../test/formats/indexeddb-dump.ts';
import { tablesOf } from '../test/formats/object-dump.ts';
import { fillQueue } from '../test/formats/stored-queue.ts';

function write(store: string, version: number, text: string): void {
  const file = new URL(`../test/formats/${store}-${version}.json`, import.meta.url);
  if (existsSync(file)) console.log(`${store}, version ${version}: is there`);
  else {
    writeFileSync(file, `${text}\n`);
    console.log(`${store}, version ${version}: written`);
  }
}

/** As much of a Durable Object as its store needs, over a SQLite database here: tests open what it holds in the real one. */
function objectStateOf(database: DatabaseSync): ObjectState {
  const exec = (query: string, ...bindings: SqlValue[]) => {
    const statement = database.prepare(query);
    const rows = statement.all(...(bindings as string[])) as Record<string, SqlValue>[];
    return { toArray: () => rows, rowsRead: 0, rowsWritten: 0 };
  };
  return {
    storage: {
      sql: { exec },
      transactionSync(closure) {
        database.exec('SAVEPOINT one');
        try {
          const answer = closure();
          database.exec('RELEASE one');
          return answer;
        } catch (error) {
          database.exec('ROLLBACK TO one; RELEASE one');
          throw error;
        }
      },
    },
  };
}

const NAME = 'formats';
await fillQueue(indexedDBStore(NAME));
const dump = await dumpOf(NAME);
write('indexeddb', dump.version, stringify(dump));

const state = objectStateOf(new DatabaseSync(':memory:'));
await fillQueue(durableObjectStore(state));
const tables = tablesOf(state.storage.sql);
write('durable-object', tables.version, JSON.stringify(tables, undefined, 1));
process.exit(0); // The worker that was left in the middle of its job holds the process.
