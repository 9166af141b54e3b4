import type { EnqueueAnswer, EnqueueRequest, ExchangeRequest } from '../kernel/messages.ts';
import { firstAccepted } from '../queue/committer.ts';
import type { QueueOperation } from '../queue/queue-operation.ts';

/** How an operation goes over a border. */
type Border<Args, Answer> = Pick<QueueOperation<Args, Answer>, 'instants' | 'stays' | 'again'>;

const ENQUEUE: Border<EnqueueRequest, readonly EnqueueAnswer[]> = {
  instants: { args: ['jobs[].runAt'] },
  stays: ['jobs[].sealed'],
  again: {
    args: (request) => ({ ...request, repeated: true }),
    answer: (answers, { jobs }) => firstAccepted(answers, jobs),
  },
};

const EXCHANGE: Border<ExchangeRequest, unknown> = {
  instants: {
    args: ['runAt', 'holdUntil', 'error.at', 'enqueue[].runAt'].map((path) => `settle[].outcome.${path}`),
    answer: ['nextAt', 'asked{}', 'outage.spared{}'],
  },
  stays: ['settle[].outcome.enqueue[].sealed'],
  again: false,
};

/** What each queue calls does not say it itself: pages whose queue is here load nothing of borders. */
const BORDERS: ReadonlyMap<string, object> = new Map<string, object>([
  ['enqueue', ENQUEUE],
  ['exchange', EXCHANGE],
]);

export const borderOf = <Args, Answer>(operation: QueueOperation<Args, Answer>): Border<Args, Answer> =>
  (BORDERS.get(operation.name) as Border<Args, Answer> | undefined) ?? operation;
