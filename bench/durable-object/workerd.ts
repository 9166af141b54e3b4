import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, Response } from 'miniflare';
import type { Deed } from './deed.ts';

/** A process of workerd with storage on disk, of its own. */
export class Workerd {
  readonly #name: string;
  readonly #code: string;
  readonly #folder: string;
  #runtime: Miniflare | undefined;
  #url = '';
  #pid = 0;
  #objects = 0;
  /** Called with what a handler tells. */
  onTold: (n: number) => void = () => undefined;

  private constructor(name: string, code: string, folder: string) {
    this.#name = name;
    this.#code = code;
    this.#folder = folder;
  }

  static async start(name: string, code: string): Promise<Workerd> {
    const workerd = new Workerd(name, code, await mkdtemp(join(tmpdir(), 'holdfast-bench-')));
    try {
      await workerd.restart();
    } catch (error) {
      await workerd.close();
      throw error;
    }
    return workerd;
  }

  /** Ends what runs with kill -9, if anything does, and starts anew on the same storage. No request reaches an object by it. */
  async restart(): Promise<void> {
    await this.#end();
    const before = new Set(processes().map(({ pid }) => pid));
    this.#runtime = new Miniflare(
      convertV4MiniflareOptions({
        name: 'bench',
        modules: [{ type: 'ESModule', path: 'worker.js', contents: this.#code }],
        compatibilityDate: '2026-10-01',
        compatibilityFlags: ['nodejs_compat'],
        durableObjects: {
          BENCH: { className: 'Bench', useSQLite: true },
          PEER: { className: 'Peer', useSQLite: true },
        },
        serviceBindings: {
          TELL: async (request) => {
            this.onTold(Number(await request.text()));
            return new Response();
          },
        },
        resourcePersistencePath: this.#folder,
        telemetry: { enabled: false },
        cf: false,
        log: new Log(LogLevel.NONE),
        // What dies here dies on purpose, and would fill the screen.
        handleStructuredLogs: () => undefined,
      }),
    );
    this.#url = (await this.#runtime.ready).href;
    this.#pid = processes().find(({ pid }) => !before.has(pid))?.pid ?? 0;
  }

  /** Memory that the process holds, in megabytes. */
  memory(): number {
    return (processes().find(({ pid }) => pid === this.#pid)?.residentKb ?? Number.NaN) / 1_024;
  }

  /** An object that nobody used before. */
  fresh(): BenchObject {
    this.#objects += 1;
    return this.object(`object ${this.#objects}`);
  }

  object(name: string): BenchObject {
    return new BenchObject(name, (deed) => this.#ask(name, deed));
  }

  async #ask(object: string, deed: Deed): Promise<unknown> {
    const response = await fetch(this.#url, { method: 'POST', body: JSON.stringify({ object, deed }) });
    if (!response.ok) throw new Error(`${this.#name}: ${deed.do}: ${(await response.text()).slice(0, 500)}`);
    return await response.json();
  }

  /** kill -9. */
  kill(): void {
    if (this.#pid !== 0) process.kill(this.#pid, 'SIGKILL');
    this.#pid = 0;
  }

  async #end(): Promise<void> {
    const runtime = this.#runtime;
    this.#runtime = undefined;
    if (runtime === undefined) return;
    this.kill();
    await runtime.dispose();
  }

  async close(): Promise<void> {
    await this.#end();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** One object, from outside. */
export class BenchObject {
  readonly name: string;
  readonly ask: (deed: Deed) => Promise<unknown>;

  constructor(name: string, ask: (deed: Deed) => Promise<unknown>) {
    this.name = name;
    this.ask = ask;
  }

  async discard(): Promise<void> {
    // The object answers by being gone.
    await this.ask({ do: 'discard' }).catch(() => undefined);
  }
}

/** The processes of workerd that this process started. */
function processes(): { readonly pid: number; readonly residentKb: number }[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss=,comm=']).toString().trim().split('\n');
  return lines.flatMap((line) => {
    const [pid, parent, rss, command = ''] = line.trim().split(/\s+/);
    return Number(parent) === process.pid && command.includes('workerd')
      ? [{ pid: Number(pid), residentKb: Number(rss) }]
      : [];
  });
}
