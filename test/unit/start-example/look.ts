import { count, explain } from 'holdfast';
import { queue } from './queue.ts';

queue.on('job:dead', ({ job, error }) => console.error(job.name, error));
queue.on('job:completed', async () => console.log(await count(queue)));

const { id } = await queue.enqueue('greet', { name: 'Eve' }, { delayMs: 60_000 });
console.log((await explain(queue, id))?.waits); // [{ why: 'not-due', until: … }]
