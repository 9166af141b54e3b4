import { cancel, edit, pause, redrive, remove, resume, retryNow } from 'holdfast';
import { adminFront, type DurableObjectQueue } from 'holdfast/edge';
import type { jobs } from './jobs.ts';

export interface AdminGuard {
  /** Who brings it may steer the queue. Absent: nobody may. `wrangler secret put ADMIN_TOKEN` sets it for a deployed Worker. */
  readonly ADMIN_TOKEN?: string;
}

/** The queue for the inspector on /admin. Each action is a line in the log of the Worker: a warning, which `npm run demo:edge` shows. */
export const openAdmin = (queue: DurableObjectQueue<typeof jobs>, { ADMIN_TOKEN }: AdminGuard) =>
  adminFront(queue, {
    authorize: (request) => isRight(request.headers.get('authorization'), ADMIN_TOKEN) && 'admin',
    actions: { redrive, remove, edit, retryNow, cancel, pause, resume },
    onAction: ({ identity, operation, args }) =>
      console.warn(JSON.stringify({ action: operation, by: identity, args })),
  });

/** Takes as long for a wrong token as for the right one. */
function isRight(given: string | null, token: string | undefined): boolean {
  if (token === undefined || given === null) return false;
  const [one, other] = [given, `Bearer ${token}`].map((text) => new TextEncoder().encode(text));
  if (one === undefined || other === undefined || one.byteLength !== other.byteLength) return false;
  return crypto.subtle.timingSafeEqual(one, other);
}
