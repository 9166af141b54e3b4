import { backgroundSync } from 'holdfast/service-worker';
import { handlers, queue } from './loading-queue.ts';
import { controlAtOnce } from './worker-scope.ts';

controlAtOnce();
backgroundSync(queue, handlers);
