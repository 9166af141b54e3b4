import { count, enqueueMany, explain } from 'holdfast';
import { hostQueue } from 'holdfast/comlink';
import { backgroundSync } from 'holdfast/service-worker';
import { handlers, queue } from './loading-queue.ts';
import { controlAtOnce } from './worker-scope.ts';

controlAtOnce();
hostQueue(queue, { enqueueMany, count, explain });
backgroundSync(queue, handlers);
