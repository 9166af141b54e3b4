import { DurableObject } from 'cloudflare:workers';
import { count, type KeyOptions, keys, list, prepare, redrive, schema } from 'holdfast';
import { type AlarmInfo, type DurableObjectQueue, durableObjectQueue, httpFront } from 'holdfast/edge';
import { nextMood, parseBehaviour } from '../../server/behaviour.ts';
import { applyWrite, noteKey, replayOf, titleOf, type Write } from '../../server/ledger.ts';
import type { RequestRecord, ServedNote, ServerLog } from '../../server/protocol.ts';
import { Refusal } from '../../server/refusal.ts';
import { checkJsonType, MAX_BODY, parseJson, parseWrite } from '../../server/write.ts';
import { type AdminGuard, openAdmin } from './admin.ts';
import { json } from './answer.ts';
import { authorize, type Guard } from './authorize.ts';
import { DIGEST_DELAY_MS, handlersOver, jobs } from './jobs.ts';
import { NoteTables } from './note-tables.ts';

const LOG_LENGTH = 200;

/** The notes, and a queue of what is to be done about them, in one database. */
export class Notebook extends DurableObject<Guard & AdminGuard> {
  readonly #tables: NoteTables;
  readonly #queue: DurableObjectQueue<typeof jobs, KeyOptions>;
  readonly #front: (request: Request) => Promise<Response>;
  readonly #admin: (request: Request) => Promise<Response>;

  constructor(state: DurableObjectState, env: Guard & AdminGuard) {
    super(state, env);
    this.#tables = new NoteTables(state.storage.sql);
    this.#queue = durableObjectQueue(state, { name: 'notes', jobs, use: [keys(), schema()] });
    this.#front = httpFront({
      queue: this.#queue,
      jobs,
      names: ['note.index'],
      authorize: (request) => authorize(request, env) ?? true,
    });
    this.#admin = openAdmin(this.#queue, env);
  }

  override async alarm(info?: AlarmInfo): Promise<void> {
    await this.#queue.onAlarm(handlersOver(this.#tables), info);
  }

  override async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (/^\/api\/jobs(\/|$)/.test(pathname)) return await this.#front(request);
    if (pathname === '/admin/calls') return await this.#admin(request);
    try {
      return json(200, await this.#route(request));
    } catch (error) {
      if (error instanceof Refusal) return json(error.status, { error: error.message }, error.headers);
      console.error(error);
      return json(500, { error: 'the server could not save this' });
    }
  }

  async #route(request: Request): Promise<unknown> {
    const { pathname, searchParams } = new URL(request.url);
    switch (`${request.method} ${pathname}`) {
      case 'GET /api/notes':
        return { notes: this.#notes() };
      case 'GET /api/log':
        return this.#log(Number(searchParams.get('limit') ?? LOG_LENGTH));
      case 'GET /api/queue':
        return await this.#state();
      case 'POST /api/behaviour': {
        const behaviour = parseBehaviour(await readJson(request));
        this.#tables.setBehaviour(behaviour);
        return behaviour;
      }
    }
    const redriven = /^\/api\/queue\/([^/]+)\/redrive$/.exec(pathname)?.[1];
    if (redriven !== undefined && request.method === 'POST')
      return { id: redriven, answer: await redrive(this.#queue, redriven) };
    const id = /^\/api\/notes\/([^/]+)$/.exec(pathname)?.[1];
    if (id === undefined) throw new Refusal(404, 'nothing is served here');
    const { method, headers } = request;
    if (method !== 'PUT' && method !== 'DELETE')
      throw new Refusal(405, 'a note takes PUT and DELETE', { Allow: 'PUT, DELETE' });
    return await this.#receive(
      await parseWrite(
        method,
        id,
        (name) => headers.get(name),
        () => readJson(request),
      ),
    );
  }

  #notes(): ServedNote[] {
    const live = this.#tables.notes().filter((note) => note.deleted !== true);
    return live.map(({ id, text, revision, updatedAt, savedAt }) => ({
      id,
      text,
      revision,
      updatedAt,
      savedAt,
    }));
  }

  #log(limit: number): ServerLog {
    if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
      throw new Refusal(422, 'limit: expected 1 to 10000');
    return {
      noteCount: this.#notes().length,
      behaviour: this.#tables.behaviour(),
      keys: this.#tables.keys(limit).map(({ fingerprint: _, answer: __, ...shown }) => shown),
      requests: this.#tables.requests(limit),
    };
  }

  async #state(): Promise<unknown> {
    const [counts, waiting, dead] = await Promise.all([
      count(this.#queue),
      list(this.#queue, { state: 'pending', limit: 20 }),
      list(this.#queue, { state: 'dead', limit: 20 }),
    ]);
    return {
      counts,
      nextAt: this.#queue.nextAt() ?? null,
      waiting: waiting.jobs.map(({ id, name, payload, priority, runAt, attempt }) => ({
        id,
        name,
        payload,
        priority,
        runAt,
        attempt,
      })),
      dead: dead.jobs.map(({ id, name, payload, failures, errors }) => ({
        id,
        name,
        payload,
        failures,
        why: errors.at(-1)?.message,
      })),
      words: this.#tables.words(),
      digest: this.#tables.digest() ?? null,
    };
  }

  async #receive(write: Write): Promise<unknown> {
    const mood = nextMood(this.#tables.behaviour());
    this.#tables.setBehaviour(mood.after);
    const { slowMs = 0, slowWhen = 'after' } = mood.after;
    try {
      if (mood.refusal !== undefined) throw mood.refusal;
      if (slowWhen === 'before') await scheduler.wait(slowMs);
      const { answer, effect } = await this.#takeEffect(write);
      this.#record(write, 200, effect);
      if (slowWhen === 'after') await scheduler.wait(slowMs);
      return answer;
    } catch (error) {
      if (error instanceof Refusal) this.#noteReceipt(write, error.status);
      throw error;
    }
  }

  /** The note, the memory of its key and the jobs about it are there together or not at all. */
  async #takeEffect(write: Write): Promise<{ answer: unknown; effect: boolean }> {
    // Prepared before the transaction, in which nothing can be awaited.
    const index = await prepare(
      this.#queue,
      'note.index',
      { id: write.id },
      // The last text is the one to count: a job that waits is taken over, one that runs is run again.
      { idempotencyKey: write.id, onDuplicate: 'replace', priority: 'high' },
    );
    const digest = await prepare(this.#queue, 'note.digest', null, {
      idempotencyKey: 'all',
      onDuplicate: 'debounce',
      delayMs: DIGEST_DELAY_MS,
      priority: 'low',
    });
    const { storage } = this.ctx;
    return storage.transactionSync(() => {
      const before = this.#tables.ledgerFor(write.id, write.key);
      const replay = replayOf(before, write);
      if (replay !== undefined) {
        this.#tables.save({ keys: noteKey(before, write, Date.now(), 200) });
        return { answer: replay.answer, effect: false };
      }
      const { ledger, answer } = applyWrite(before, write, Date.now());
      this.#tables.save(ledger);
      index.addTo(storage);
      digest.addTo(storage);
      return { answer, effect: true };
    });
  }

  #noteReceipt(write: Write, status: number): void {
    const before = this.#tables.ledgerFor(write.id, write.key);
    this.#tables.save({ keys: noteKey(before, write, Date.now(), status) });
    this.#record(write, status, false);
  }

  #record({ method, id, key, fence, revision, text }: Write, status: number, effect: boolean): void {
    const title = titleOf(text);
    const record: RequestRecord = {
      at: Date.now(),
      method,
      noteId: id,
      key,
      fence,
      revision,
      title,
      status,
      effect,
    };
    this.#tables.addRequest(record);
  }
}

async function readJson(request: Request): Promise<unknown> {
  checkJsonType(request.headers.get('content-type'));
  const tooLarge = new Refusal(413, `the body is larger than ${MAX_BODY} bytes`);
  // Told by the length before it is read; one that hides its length is not read at all.
  const length = Number(request.headers.get('content-length') ?? Number.NaN);
  if (!(length <= MAX_BODY)) throw tooLarge;
  return parseJson(await request.text());
}
