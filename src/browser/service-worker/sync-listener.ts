import type { Drained } from '../../core/index.ts';
import type { Context } from '../../core/queue/context.ts';
import { isLeft, isWorthALook, type Looked } from './left-over.ts';
import { coalesced, isRegistered } from './request-sync.ts';
import type { ScopeEvent, ServiceWorkerScope } from './scope.ts';
import { isFor } from './sync-message.ts';
import type { SyncRun } from './sync-run.ts';

/** What starts a service worker, or keeps it, where there is no sync. */
const GLANCES = ['fetch', 'push', 'notificationclick'];

/** Which events of a service worker begin a run, and what becomes of its end. */
export class SyncListener {
  readonly #run: SyncRun;
  readonly #scope: ServiceWorkerScope;
  readonly #now: () => number;
  readonly #tag: string;
  readonly #ends: (() => void)[] = [];
  #looked: Looked | undefined;

  constructor(
    run: SyncRun,
    { emitter, environment }: Pick<Context, 'emitter' | 'environment'>,
    scope: ServiceWorkerScope,
    tag: string,
    periodicTag: string | undefined,
  ) {
    this.#run = run;
    this.#scope = scope;
    this.#now = () => environment.now();
    this.#tag = tag;
    this.#on('sync', (event) => {
      if (event.tag === tag) event.waitUntil(this.#sync(event.lastChance === true));
    });
    this.#on('periodicsync', (event) => {
      if (event.tag === periodicTag) event.waitUntil(this.#attend(true));
    });
    this.#on('message', (event) => {
      const { data } = event;
      if (isFor(data, 'sync', tag)) event.waitUntil(this.#attend((data as { lift?: unknown }).lift === true));
    });
    // No run is held here: pages wait for a service worker that is being activated.
    this.#on('activate', (event) => event.waitUntil(this.register()));
    if (scope.registration.sync === undefined) for (const type of GLANCES) this.#on(type, this.#glance);
    const register = coalesced(() => this.register());
    this.#ends.push(
      emitter.on('job:enqueued', () => {
        // The run that there is takes it along; whoever began that sees to what is left.
        if (run.isRunning) run.begin(false).catch(() => {});
        else register();
      }),
    );
  }

  /** Runs what is due. Rejects with StoreClosedError. */
  async run(): Promise<Drained> {
    const drained = await this.#run.begin(true);
    if (this.#noted(drained)) await isRegistered(this.#scope.registration, this.#tag);
    return drained;
  }

  /** Asks for a sync event; where there is none, runs without. Never rejects. */
  async register(): Promise<void> {
    if (!(await isRegistered(this.#scope.registration, this.#tag))) void this.#attend(false);
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    await this.#run.holdBack();
  }

  #on(type: string, listener: (event: ScopeEvent) => void): void {
    this.#scope.addEventListener(type, listener);
    this.#ends.push(() => this.#scope.removeEventListener(type, listener));
  }

  /** Rejects when something is left, so that the browser tries again: a try that resolves is the last. */
  async #sync(isLastChance: boolean): Promise<void> {
    const isMore = this.#noted(await this.#run.begin(true));
    if (!isMore || (isLastChance && (await isRegistered(this.#scope.registration, this.#tag)))) return;
    throw new Error(`sync ${JSON.stringify(this.#tag)}: jobs are left, so the browser is to try again`);
  }

  /** Of an event that the browser does not repeat: what is left becomes a sync's. Never rejects. */
  async #attend(lift: boolean): Promise<void> {
    try {
      if (this.#noted(await this.#run.begin(lift))) await isRegistered(this.#scope.registration, this.#tag);
    } catch {
      // The queue was closed.
    }
  }

  /** What a run came to. True: something is left. */
  #noted(drained: Drained): boolean {
    const now = this.#now();
    this.#looked = { at: now, nextAt: drained.activeElsewhere > 0 ? now : drained.nextAt };
    return isLeft(drained, now);
  }

  /** It is not answered. */
  readonly #glance = (event: ScopeEvent): void => {
    const now = this.#now();
    if (!isWorthALook(this.#looked, now)) return;
    this.#looked = { at: now, nextAt: now };
    event.waitUntil(this.#attend(false));
  };
}
