import { type HandlerContext, send } from 'holdfast';
import { backgroundSync } from 'holdfast/service-worker';
import { patient } from './sync-queue.ts';
import { controlAtOnce, scope } from './worker-scope.ts';

/** What was reported as unhandled in this start of the service worker: sent with each request. */
let unhandled = 0;

const post = async (path: string, { job, attempt, signal }: HandlerContext): Promise<void> => {
  const { crashes, evictions = 0 } = job;
  const facts = new URLSearchParams(
    Object.entries({ crashes, evictions, attempt, unhandled }).map(([name, value]) => [name, String(value)]),
  );
  await send(`${path}?${facts}`, { method: 'POST', headers: { 'idempotency-key': job.id }, signal });
};

controlAtOnce();
backgroundSync(patient, { post }, { graceMs: 1_000 });
scope.addEventListener('unhandledrejection', () => {
  unhandled += 1;
});
