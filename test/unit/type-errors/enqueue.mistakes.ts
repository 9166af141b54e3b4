import { queue } from './queue.ts';

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
