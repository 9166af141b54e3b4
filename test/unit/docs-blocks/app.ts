import type * as holdfast from 'holdfast';
import type * as edge from 'holdfast/edge';
import type * as indexeddb from 'holdfast/indexeddb';
import type * as defined from './jobs.ts';

type Jobs = typeof defined.jobs;

/** What blocks take from the blocks before them, or from the app that they are of. */
declare global {
  const jobs: Jobs;
  const queue: holdfast.Queue<Jobs>;
  const store: holdfast.Store;
  const createQueue: typeof holdfast.createQueue;
  const defineJobs: typeof holdfast.defineJobs;
  const job: typeof holdfast.job;
  const send: typeof holdfast.send;
  const work: typeof holdfast.work;
  const indexedDBStore: typeof indexeddb.indexedDBStore;

  const id: string;
  const url: string;
  const body: string;
  const headers: Record<string, string>;
  const customer: string;
  const note: { id: string; text: string };
  const letter: { to: string };
  const mail: { to: string };
  const user: { id: string };
  const saveButton: HTMLButtonElement;
  const others: Omit<holdfast.Handlers<Jobs>, 'thumbnail'>;

  function hideBanner(what: string): void;
  function isOurs(authorization: string | null): boolean;
  function report(...what: unknown[]): void;
  function show(...what: unknown[]): void;
  function showBanner(text: string, until?: number): void;
  function showHint(text: string): void;
  function showReloadButton(): void;
  function shrink(
    pixels: ArrayBuffer,
    options: { onStep(done: number): void; signal: AbortSignal },
  ): Promise<void>;
  function token(): string;
  function userOf(authorization: string | null): Promise<{ isAdmin: boolean } | undefined>;

  interface Env {
    readonly MAILER: edge.QueueNamespace;
  }

  interface Photo {
    readonly pixels: ArrayBuffer;
  }
}
