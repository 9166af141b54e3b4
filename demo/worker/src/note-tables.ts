import type { HeldNote, KeyRecord, Ledger } from '../../server/ledger.ts';
import type { Behaviour, RequestRecord } from '../../server/protocol.ts';

/** A key that is forgotten would be applied again; this many are enough for a long day of clicking. */
const MAX_KEYS = 10_000;
const MAX_REQUESTS = 1_000;

/** The notebook's own tables, beside those of the queue. */
export class NoteTables {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`
      CREATE TABLE IF NOT EXISTS notes (id TEXT PRIMARY KEY, note TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS keys (n INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, record TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS requests (n INTEGER PRIMARY KEY, record TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS words (id TEXT PRIMARY KEY, revision INTEGER NOT NULL, words INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS behaviour (one INTEGER PRIMARY KEY, behaviour TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS digest (one INTEGER PRIMARY KEY, digest TEXT NOT NULL);
    `);
  }

  note(id: string): HeldNote | undefined {
    return this.#one('SELECT note AS json FROM notes WHERE id = ?', id);
  }

  notes(): HeldNote[] {
    return this.#all('SELECT note AS json FROM notes ORDER BY rowid');
  }

  /** What one write has to see of the ledger. */
  ledgerFor(id: string, key: string): Ledger {
    const note = this.note(id);
    const record = this.#one<KeyRecord>('SELECT record AS json FROM keys WHERE key = ?', key);
    return { notes: new Map(note && [[id, note]]), keys: new Map(record && [[key, record]]) };
  }

  save({ notes, keys }: Partial<Ledger>): void {
    for (const note of notes?.values() ?? [])
      this.#sql.exec('INSERT OR REPLACE INTO notes VALUES (?, ?)', note.id, JSON.stringify(note));
    for (const record of keys?.values() ?? [])
      this.#sql.exec(
        'INSERT INTO keys (key, record) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET record = excluded.record',
        record.key,
        JSON.stringify(record),
      );
    this.#sql.exec('DELETE FROM keys WHERE n <= (SELECT max(n) FROM keys) - ?', MAX_KEYS);
  }

  keys(limit: number): KeyRecord[] {
    return this.#all<KeyRecord>('SELECT record AS json FROM keys ORDER BY n DESC LIMIT ?', limit).reverse();
  }

  addRequest(record: RequestRecord): void {
    this.#sql.exec('INSERT INTO requests (record) VALUES (?)', JSON.stringify(record));
    this.#sql.exec('DELETE FROM requests WHERE n <= (SELECT max(n) FROM requests) - ?', MAX_REQUESTS);
  }

  requests(limit: number): RequestRecord[] {
    const latest = 'SELECT record AS json FROM requests ORDER BY n DESC LIMIT ?';
    return this.#all<RequestRecord>(latest, limit).reverse();
  }

  /** Replaces what was counted before: running the job twice counts nothing twice. */
  putWords(id: string, revision: number, words: number): void {
    this.#sql.exec('INSERT OR REPLACE INTO words VALUES (?, ?, ?)', id, revision, words);
  }

  dropWords(id: string): void {
    this.#sql.exec('DELETE FROM words WHERE id = ?', id);
  }

  words(): { id: string; revision: number; words: number }[] {
    return this.#sql
      .exec<{ id: string; revision: number; words: number }>('SELECT * FROM words ORDER BY id')
      .toArray();
  }

  behaviour(): Behaviour {
    return this.#one<Behaviour>('SELECT behaviour AS json FROM behaviour') ?? { mode: 'normal' };
  }

  setBehaviour(behaviour: Behaviour): void {
    this.#sql.exec('INSERT OR REPLACE INTO behaviour VALUES (1, ?)', JSON.stringify(behaviour));
  }

  digest(): { notes: number; words: number; at: number } | undefined {
    return this.#one('SELECT digest AS json FROM digest');
  }

  setDigest(digest: { notes: number; words: number; at: number }): void {
    this.#sql.exec('INSERT OR REPLACE INTO digest VALUES (1, ?)', JSON.stringify(digest));
  }

  #all<T>(query: string, ...bindings: (string | number)[]): T[] {
    const rows = this.#sql.exec<{ json: string }>(query, ...bindings).toArray();
    return rows.map(({ json }) => JSON.parse(json) as T);
  }

  #one<T>(query: string, ...bindings: string[]): T | undefined {
    return this.#all<T>(query, ...bindings)[0];
  }
}
