// page.ts
import { syncAfterEnqueue } from 'holdfast/service-worker';
import { makeQueue } from './jobs.ts';

const queue = makeQueue();
syncAfterEnqueue(queue);

export const save = (text: string) => queue.enqueue('note.push', { text });
