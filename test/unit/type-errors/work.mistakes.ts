import { work } from 'holdfast';
import { queue } from './queue.ts';

// A handler of a job that there is not
work(queue, { resise: () => undefined });

// A handler that takes the payload of another job
work(queue, { resize: (note: { id: string }) => console.log(note.id) });
