import { DurableObject } from 'cloudflare:workers';
import { count, defineJobs, enqueueMany, explain, job, throwForStatus } from 'holdfast';
import { type AlarmInfo, durableObjectQueue, type QueueCall, serveQueue } from 'holdfast/edge';

interface Letter {
  readonly to: string;
  readonly text: string;
}
const jobs = defineJobs({ 'mail.send': job<Letter>({ timeoutMs: 30_000 }) });
const handlers = {
  'mail.send': async (letter: Letter) => {
    const body = JSON.stringify(letter);
    throwForStatus(await fetch('https://mail.example/send', { method: 'POST', body }));
  },
};

export class Mailer extends DurableObject {
  readonly queue = durableObjectQueue(this.ctx, { name: 'mail', jobs });
  readonly #exposed = serveQueue(this.queue, { enqueueMany, explain, count });

  send(letter: Letter) {
    return this.queue.enqueue('mail.send', letter, { delayMs: 5_000 });
  }
  override async alarm(info?: AlarmInfo) {
    await this.queue.onAlarm(handlers, info);
  }
  holdfast(call: QueueCall) {
    return this.#exposed(call);
  }
}
