import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  type MiniflareOptions,
  Response,
} from 'miniflare';
import { bundle } from './bundle.ts';
import type { Order, TankState, Told } from './messages.ts';

/** How long anything may take before the test says what it saw instead: a slow machine is no failure. */
const DEADLINE_MS = 120_000;

/** The worker of the tests in this folder. */
const TANKS = new URL('worker.ts', import.meta.url);

/** A workerd with persisted storage, that a test can kill and start again. */
export class EdgeProcess {
  readonly #folder: string;
  readonly #entry: URL;
  readonly #told: Told[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #bundles = new Map<number, Promise<string>>();
  #version = 1;
  #runtime: Miniflare | undefined;
  #url = '';

  private constructor(folder: string, entry: URL) {
    this.#folder = folder;
    this.#entry = entry;
  }

  /** `entry`: a Worker whose class of objects is called Tank. */
  static async start(entry = TANKS): Promise<EdgeProcess> {
    const edge = new EdgeProcess(await mkdtemp(join(tmpdir(), 'holdfast-edge-')), entry);
    try {
      await edge.restart();
    } catch (error) {
      await edge.close();
      throw error;
    }
    return edge;
  }

  /** Ends whatever runs, then starts anew on the same storage, perhaps with other code. No request reaches an object by it. */
  async restart(version = this.#version): Promise<void> {
    await this.#end();
    this.#version = version;
    const code = this.#bundles.get(version) ?? bundle(this.#entry, { CODE_VERSION: String(version) });
    this.#bundles.set(version, code);
    this.#runtime = new Miniflare(this.#options(await code));
    this.#url = (await this.#runtime.ready).href;
  }

  #options(contents: string): MiniflareOptions {
    return convertV4MiniflareOptions({
      name: 'tanks',
      modules: [{ type: 'ESModule', path: 'worker.js', contents }],
      compatibilityDate: '2026-10-01',
      durableObjects: { TANK: { className: 'Tank', useSQLite: true } },
      serviceBindings: {
        TEST: async (request) => {
          this.#told.push((await request.json()) as Told);
          for (const listener of this.#listeners) listener();
          return new Response();
        },
      },
      resourcePersistencePath: this.#folder,
      telemetry: { enabled: false },
      cf: false,
      log: new Log(LogLevel.NONE),
      // What dies here dies on purpose, and would fill the screen.
      handleStructuredLogs: () => undefined,
    });
  }

  /** kill -9 of the process that runs the objects. */
  kill(): void {
    for (const pid of workerds()) process.kill(pid, 'SIGKILL');
  }

  /** As the platform does with an object that nobody asked anything for a while. */
  async evict(tank: string): Promise<void> {
    await this.#runtime?.unsafeEvictDurableObject('tanks', 'Tank', { name: tank });
  }

  tank(name: string): TankHandle {
    return new TankHandle(this, name);
  }

  told(tank: string): Told[] {
    return this.#told.filter((one) => one.tank === tank);
  }

  /** Calls back whenever an object told something; answers what ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Rejects unless it was answered with 200. */
  async ask(path: string, body: unknown): Promise<unknown> {
    const response = await fetch(new URL(path, this.#url), { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
    return await response.json();
  }

  async #end(): Promise<void> {
    const runtime = this.#runtime;
    this.#runtime = undefined;
    await runtime?.dispose();
    for (const pid of workerds()) process.kill(pid, 'SIGKILL');
  }

  async close(): Promise<void> {
    await this.#end();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** One object, seen from outside. */
export class TankHandle {
  readonly #edge: EdgeProcess;
  readonly #name: string;

  constructor(edge: EdgeProcess, name: string) {
    this.#edge = edge;
    this.#name = name;
  }

  async evict(): Promise<void> {
    await this.#edge.evict(this.#name);
  }

  async ask(path: string, body: unknown = null): Promise<unknown> {
    return await this.#edge.ask(`${path}?tank=${encodeURIComponent(this.#name)}`, body);
  }

  async enqueue(orders: readonly Order[]): Promise<void> {
    await this.ask('/enqueue', orders);
  }

  async state(): Promise<TankState> {
    return (await this.ask('/state')) as TankState;
  }

  told(what: Told['what']): Told[] {
    return this.#edge.told(this.#name).filter((one) => one.what === what);
  }

  /** Resolves when the object has told this so often. Asks it nothing: what it tells, it does by itself. */
  hears(what: Told['what'], times: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        unlisten();
        reject(
          new Error(`${what} was told ${this.told(what).length} times in ${DEADLINE_MS} ms, not ${times}`),
        );
      }, DEADLINE_MS);
      const look = () => {
        if (this.told(what).length < times) return;
        clearTimeout(timer);
        unlisten();
        resolve();
      };
      const unlisten = this.#edge.listen(look);
      look();
    });
  }

  /** Looks until the object is as wanted, and answers how it was then. */
  async until(wanted: (state: TankState) => boolean, what: string): Promise<TankState> {
    let state: TankState | undefined;
    for (const end = Date.now() + DEADLINE_MS; Date.now() < end; await wait(20)) {
      // An object that is reset while it is asked answers with an error: it is asked again.
      state = (await this.state().catch(() => undefined)) ?? state;
      if (state !== undefined && wanted(state)) return state;
    }
    const { counts, dead, alarmAt } = state ?? {};
    throw new Error(`not within ${DEADLINE_MS} ms: ${what}; ${JSON.stringify({ counts, dead, alarmAt })}`);
  }
}

/** The processes of workerd that this one started: ending their parent would leave them running. */
function workerds(): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm=']).toString().trim().split('\n');
  return lines.flatMap((line) => {
    const [pid, parent, command = ''] = line.trim().split(/\s+/);
    return Number(parent) === process.pid && /workerd/.test(command) ? [Number(pid)] : [];
  });
}
