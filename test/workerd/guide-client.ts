import { defineJobs, job } from 'holdfast';
import { httpFront, queueClient } from 'holdfast/edge';
import type { Mailer } from './guide-mailer.ts';

interface Env {
  readonly MAILER: DurableObjectNamespace<Mailer>;
}

const jobs = defineJobs({ 'mail.send': job<{ to: string; text: string }>({ timeoutMs: 30_000 }) });
const whoMay = (request: Request) => request.headers.get('authorization') === 'Bearer ours';

export async function greet(env: Env, to: string) {
  const client = queueClient(env.MAILER, 'mail', { jobs, shards: 4 });
  return client.enqueue('mail.send', { to, text: 'Hello' });
}

export function answer(request: Request, env: Env) {
  const queue = queueClient(env.MAILER, 'mail', { jobs, shards: 4 });
  const front = httpFront({ queue, jobs, authorize: whoMay, names: ['mail.send'] });
  // POST …/jobs { "name": "mail.send", "payload": …, "id": "once" }: 201, the same again 200; GET …/jobs/once
  return front(request);
}
