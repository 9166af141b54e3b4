import { createQueue, gates } from 'holdfast';
import { options } from './queue.ts';

// What is no gate
createQueue({ ...options, use: [gates({ resize: () => navigator.onLine })] });
