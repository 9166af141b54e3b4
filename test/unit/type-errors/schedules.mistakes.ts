import { createQueue, every, schedules } from 'holdfast';
import { options } from './queue.ts';

// A schedule with the payload of another job
createQueue({
  ...options,
  use: [schedules({ nightly: { name: 'mail.send', payload: { id: 'a' }, recurrence: every(60_000) } })],
});
