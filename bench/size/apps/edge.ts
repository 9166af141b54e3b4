import { defineJobs, job } from 'holdfast';
import { type AlarmInfo, durableObjectQueue } from 'holdfast/edge';

export * from './memory.ts';

const jobs = defineJobs({ push: job<string>() });

/** An object that enqueues, and works in its alarm. */
export class Outbox {
  readonly #queue;

  constructor(state: DurableObjectState) {
    this.#queue = durableObjectQueue(state, { name: 'outbox', jobs });
  }

  save(note: string) {
    return this.#queue.enqueue('push', note);
  }

  alarm(info: AlarmInfo) {
    const push = async (note: string) => {
      await fetch('https://example.com/notes', { method: 'POST', body: note });
    };
    return this.#queue.onAlarm({ push }, info);
  }
}
