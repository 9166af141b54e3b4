import type { Drained, Environment } from '../../core/index.ts';
import type { Context } from '../../core/queue/context.ts';
import { askToYield, Predecessor } from './handover.ts';
import { isLeft, isWorthALook, type Looked } from './left-over.ts';
import { coalesced, isRegistered } from './request-sync.ts';
import type { ScopeEvent, ServiceWorkerScope } from './scope.ts';
import { isFor } from './sync-message.ts';
import { NOTHING, type SyncRun } from './sync-run.ts';

/** What starts a service worker, or keeps it, where there is no sync. */
const GLANCES = ['fetch', 'push', 'notificationclick'];

/** A new version that is to take over asks so often, and each so many ms, for the end of the old one. */
const INSISTS = 60;
const INSIST_MS = 1_000;

/** What a sync rejects with, by which the browser tries it again. */
class JobsLeft extends Error {}

/** Which events of a service worker begin a run, and what becomes of its end. */
export class SyncListener {
  readonly #run: SyncRun;
  readonly #scope: ServiceWorkerScope;
  readonly #environment: Environment;
  readonly #tag: string;
  readonly #predecessor: Predecessor;
  readonly #ends: (() => void)[] = [];
  #looked: Looked | undefined;
  #isStopped = false;

  constructor(
    run: SyncRun,
    { emitter, environment }: Pick<Context, 'emitter' | 'environment'>,
    scope: ServiceWorkerScope,
    tag: string,
    periodicTag: string | undefined,
  ) {
    this.#run = run;
    this.#scope = scope;
    this.#environment = environment;
    this.#tag = tag;
    this.#predecessor = new Predecessor(run, scope, environment.setTimer, () => void this.register());
    this.#on('sync', (event) => {
      if (event.tag === tag) event.waitUntil(this.#sync(event.lastChance === true));
    });
    this.#on('periodicsync', (event) => {
      if (event.tag === periodicTag) event.waitUntil(this.#attend(true));
    });
    this.#on('message', (event) => this.#hear(event));
    if (scope.registration.sync === undefined) for (const type of GLANCES) this.#on(type, this.#glance);
    this.#hearOfVersions();
    const register = coalesced(() => this.register());
    this.#ends.push(
      emitter.on('job:enqueued', () => {
        // The run that there is takes it along; whoever began that sees to what is left.
        if (run.isRunning) run.begin(false).catch(() => {});
        else register();
      }),
    );
  }

  /** Runs what is due; nothing once stopped. Rejects with StoreClosedError. */
  async run(): Promise<Drained> {
    if (this.#isStopped) return { ...NOTHING, nextAt: this.#environment.now() };
    const drained = await this.#run.begin(true);
    if (this.#noted(drained)) await isRegistered(this.#scope.registration, this.#tag);
    return drained;
  }

  /** Asks for a sync event; where there is none, runs without. Does nothing once stopped. Never rejects. */
  async register(): Promise<void> {
    if (this.#isStopped) return;
    const { registration } = this.#scope;
    if (!(await isRegistered(registration, this.#tag))) void this.#attend(false);
    // As in a page: what Chromium tries again in minutes begins now, and this event holds it.
    else registration.active?.postMessage({ holdfast: 'sync', tag: this.#tag, lift: false });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const end of this.#ends.splice(0)) end();
    await this.#run.holdBack();
  }

  #on(type: string, listener: (event: ScopeEvent) => void): void {
    this.#scope.addEventListener(type, listener);
    this.#ends.push(() => this.#scope.removeEventListener(type, listener));
  }

  #hearOfVersions(): void {
    const { registration } = this.#scope;
    this.#on('install', (event) => {
      this.#predecessor.isItself(registration.installing);
      event.waitUntil(this.#takeOver());
    });
    // No run is held here: pages wait for a service worker that is being activated.
    this.#on('activate', (event) => {
      this.#predecessor.isItself(registration.active);
      event.waitUntil(this.register());
    });
    // Chromium reports what a sync rejects with as nobody's, though it has been told.
    this.#on('unhandledrejection', (event) => {
      if (!(event.reason instanceof JobsLeft)) return;
      event.preventDefault?.();
      event.stopImmediatePropagation?.();
    });
    const onFound = () => void this.#predecessor.yields();
    registration.addEventListener('updatefound', onFound);
    this.#ends.push(
      () => registration.removeEventListener('updatefound', onFound),
      () => this.#predecessor.end(),
    );
  }

  /**
   * In Chromium what reaches the old version just while it is being ended (a sync, a request, our own message) starts it again, and from then on it is let
   * be until nothing has reached it for 30 s, unless it is asked anew (`ActivateWaitingVersionWhenReady` in service_worker_registration.cc).
   */
  async #insist(): Promise<void> {
    const { registration } = this.#scope;
    for (let i = 0; i < INSISTS && registration.waiting !== null; i++) {
      void this.#scope.skipWaiting?.();
      await new Promise<void>((resolve) => {
        this.#environment.setTimer(resolve, INSIST_MS);
      });
    }
  }

  #takeOver(): Promise<void> {
    const message = { holdfast: 'yield', tag: this.#tag } as const;
    return askToYield(this.#scope, message, this.#run.graceMs, this.#environment.setTimer);
  }

  #hear(event: ScopeEvent): void {
    const { data, ports } = event;
    if (isFor(data, 'sync', this.#tag))
      event.waitUntil(this.#attend((data as { readonly lift?: unknown }).lift === true));
    if (isFor(data, 'yield', this.#tag)) {
      ports?.[0]?.postMessage('heard');
      event.waitUntil(this.#predecessor.yields().then(() => ports?.[0]?.postMessage('done')));
    }
    // By this a page has the version that waits take over (workbox-window, vite-plugin-pwa).
    if (Object(data).type === 'SKIP_WAITING') event.waitUntil(this.#takeOver().then(() => this.#insist()));
  }

  /** Rejects when something is left, so that the browser tries again: a try that resolves is the last. */
  async #sync(isLastChance: boolean): Promise<void> {
    const isMore = this.#noted(await this.#run.begin(true));
    if (!isMore || (isLastChance && (await isRegistered(this.#scope.registration, this.#tag)))) return;
    throw new JobsLeft(`sync ${JSON.stringify(this.#tag)}: jobs are left, so the browser is to try again`);
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
    const now = this.#environment.now();
    this.#looked = { at: now, nextAt: drained.activeElsewhere > 0 ? now : drained.nextAt };
    return isLeft(drained, now);
  }

  /** It is not answered. */
  readonly #glance = (event: ScopeEvent): void => {
    const now = this.#environment.now();
    if (!isWorthALook(this.#looked, now)) return;
    this.#looked = { at: now, nextAt: now };
    event.waitUntil(this.#attend(false));
  };
}
