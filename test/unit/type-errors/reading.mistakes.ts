import { enqueueFlow, get, list } from 'holdfast';
import { queue } from './queue.ts';

// A name in a filter that no job has
await list(queue, { state: 'dead', name: 'resise' });

// A payload of one job read as that of another
const mail = await get(queue, 'a');
if (mail?.name === 'mail.send') console.log(mail.payload.id);

// A step that waits for a step that there is not
await enqueueFlow(queue, {
  first: { name: 'resize', payload: 1 },
  second: { name: 'resize', payload: 2, dependsOn: 'frist' },
});
