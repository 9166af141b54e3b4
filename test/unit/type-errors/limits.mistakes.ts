import { createQueue, limits } from 'holdfast';
import { options } from './queue.ts';

// A limit for a job that there is not
createQueue({ ...options, use: [limits({ 'mail.sent': { maxActive: 1 } })] });

// A limit that there is not
createQueue({ ...options, use: [limits({ 'mail.send': { maxActiv: 1 } })] });
