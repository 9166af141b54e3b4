import { DurableObject } from 'cloudflare:workers';
import { count, defineJobs, enqueueMany, job, throwForStatus } from 'holdfast';
import { type AlarmInfo, durableObjectQueue } from 'holdfast/edge';

interface Env {
  readonly TANK: DurableObjectNamespace<Tank>;
}

/** Where the effect goes. */
interface Errand {
  readonly url: string;
}

const handlers = {
  async send({ url }: Errand, { job: { id } }: { readonly job: { readonly id: string } }): Promise<void> {
    throwForStatus(await fetch(url, { method: 'POST', headers: { 'idempotency-key': id } }));
  },
};

/** An object whose queue sends each job away. Everything it does after a restart, its alarm made it do. */
export class Tank extends DurableObject<Env> {
  readonly #queue = durableObjectQueue(this.ctx, {
    name: 'faults',
    jobs: defineJobs({ send: job<Errand>() }),
    handlers,
  });

  override async alarm(info?: AlarmInfo): Promise<void> {
    await this.#queue.onAlarm(handlers, info);
  }

  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === '/count') return Response.json(await count(this.#queue));
    const { url, ids } = await request.json<Errand & { readonly ids: readonly string[] }>();
    const answers = await enqueueMany(
      this.#queue,
      ids.map((id) => ({ name: 'send', payload: { url }, id })),
    );
    return Response.json(answers);
  }
}

export default {
  fetch(request: Request, env: Env): Promise<Response> {
    return env.TANK.get(env.TANK.idFromName('faults')).fetch(request);
  },
};
