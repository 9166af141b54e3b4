import {
  createQueue,
  defineJobs,
  every,
  gates,
  job,
  limits,
  log,
  memoryStore,
  results,
  schedules,
  work,
} from 'holdfast';

const jobs = defineJobs({
  'note.push': job<{ id: string; tags?: string[] }>(),
  'mail.send': job<{ to: string }>(),
  resize: job<number>(),
});
const options = { name: 'sync', jobs, store: memoryStore() };
const queue = createQueue({ ...options, use: [log({ size: 10 })] });

// A job that there is not
await queue.enqueue('note.psuh', { id: 'a' });

// A part of the payload is missing
await queue.enqueue('note.push', { tags: ['a'] });

// The payload of another job
await queue.enqueue('mail.send', { id: 'a' });

// An option is spelt otherwise
await queue.enqueue('resize', 1, { delayMS: 500 });

// An option whose feature is not in use
await queue.enqueue('resize', 1, { keepResultMs: 60_000 });

// A word of a feature that is not in use
await queue.enqueue('resize', 1, { idempotencyKey: 'k', onDuplicate: 'debounce' });

// A limit for a job that there is not
createQueue({ ...options, use: [limits({ 'mail.sent': { maxActive: 1 } })] });

// A limit that there is not
createQueue({ ...options, use: [limits({ 'mail.send': { maxActiv: 1 } })] });

// Results of a job that there is not
createQueue({ ...options, use: [results({ keepResultMs: { resise: 1_000 } })] });

// What is no gate
createQueue({ ...options, use: [gates({ resize: () => navigator.onLine })] });

// A schedule with the payload of another job
createQueue({
  ...options,
  use: [schedules({ nightly: { name: 'mail.send', payload: { id: 'a' }, recurrence: every(60_000) } })],
});

// A feature that is not called
createQueue({ ...options, use: [results] });

// A feature that is in no list
createQueue({ ...options, use: results() });

// A handler of a job that there is not
work(queue, { resise: () => undefined });

// A handler that takes the payload of another job
work(queue, { resize: (note: { id: string }) => console.log(note.id) });
