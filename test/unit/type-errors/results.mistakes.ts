import { createQueue, results } from 'holdfast';
import { options } from './queue.ts';

// Results of a job that there is not
createQueue({ ...options, use: [results({ keepResultMs: { resise: 1_000 } })] });

// A feature that is not called
createQueue({ ...options, use: [results] });

// A feature that is in no list
createQueue({ ...options, use: results() });
