import type {
  AbandonAnswer,
  AbandonRequest,
  CancelRequest,
  EnqueueAnswer,
  EnqueueRequest,
  ExchangeAnswer,
  ExchangeRequest,
  ExtendAnswer,
  ExtendRequest,
  FireAnswer,
  FireRequest,
  PruneAnswer,
  PruneRequest,
  PutBatchRequest,
  PutSchedulesAnswer,
  PutSchedulesRequest,
  ReclaimAnswer,
  ReclaimRequest,
  RedriveRequest,
  RetryNowAnswer,
  RetryNowRequest,
  SelectRequest,
} from '../../core/index.ts';

/** A call that the store has carried out, or refused: its request and its answer. */
export type Call = Readonly<
  { now: number; context: string; error?: unknown } & (
    | { method: 'enqueue'; request: EnqueueRequest; answer: readonly EnqueueAnswer[] }
    | { method: 'putSchedules'; request: PutSchedulesRequest; answer: PutSchedulesAnswer }
    | { method: 'removeSchedule'; request: { queue: string; id: string }; answer: boolean }
    | { method: 'fire'; request: FireRequest; answer: readonly FireAnswer[] }
    | { method: 'exchange'; request: ExchangeRequest; answer: ExchangeAnswer }
    | { method: 'extend'; request: ExtendRequest; answer: readonly ExtendAnswer[] }
    | { method: 'reclaim'; request: ReclaimRequest; answer: ReclaimAnswer }
    | { method: 'cancel'; request: CancelRequest; answer: readonly string[] }
    | { method: 'remove'; request: SelectRequest; answer: readonly string[] }
    | { method: 'redrive'; request: RedriveRequest; answer: readonly string[] }
    | { method: 'retryNow'; request: RetryNowRequest; answer: RetryNowAnswer }
    | { method: 'prune'; request: PruneRequest; answer: PruneAnswer }
    | { method: 'hold'; request: { queue: string; name: string; until: number }; answer: undefined }
    | { method: 'pause' | 'resume'; request: { queue: string; name?: string }; answer: undefined }
    | { method: 'putBatch'; request: PutBatchRequest; answer: undefined }
    | { method: 'abandon'; request: AbandonRequest; answer: AbandonAnswer }
    | { method: 'closeBatch'; request: { queue: string; id: string }; answer: boolean }
  )
>;

export type Method = Call['method'];

/** It says that it changed nothing. */
export function isIdle({ method, request, answer, error }: Call): boolean {
  if (error !== undefined) return false;
  if (method === 'exchange')
    return (
      answer.jobs.length + answer.settled.length === 0 &&
      answer.putOff === undefined &&
      answer.buried === undefined &&
      answer.wentOn === undefined &&
      request.held === undefined
    );
  if (method === 'reclaim') return Object.values(answer).every((ids) => ids.length === 0);
  return method === 'extend' && request.leases.every(({ attach }) => attach === undefined);
}

/** The jobs that it completed, with what their handlers returned, where that was to be kept. */
export function completedBy(call: Call): ReadonlyMap<string, { readonly value: unknown } | undefined> {
  const completed = new Map<string, { readonly value: unknown } | undefined>();
  if (call.method !== 'exchange' || call.error !== undefined) return completed;
  for (const [i, { id, outcome }] of call.request.settle.entries())
    if (call.answer.settled[i] === 'settled' && outcome.kind === 'complete')
      completed.set(id, outcome.result);
  return completed;
}

/** The jobs that it brought back from the dead. One that lives already stays as it is. */
export function redrivenBy(call: Call): readonly string[] {
  if (call.method !== 'redrive' || call.error !== undefined) return [];
  return call.request.ids.filter((_, i) => call.answer[i] === 'redriven');
}

/** A full disk refuses it. */
export function storesNew(method: Method, request: unknown): boolean {
  if (['enqueue', 'fire', 'putSchedules', 'putBatch'].includes(method)) return true;
  if (method === 'extend')
    return (request as ExtendRequest).leases.some(({ attach }) => attach !== undefined);
  if (method !== 'exchange') return false;
  const { settle } = request as ExchangeRequest;
  return settle.some(
    ({ outcome }) =>
      outcome.kind === 'complete' && (outcome.enqueue !== undefined || outcome.result !== undefined),
  );
}

/** One line of a trace. */
export function describeCall({ method, request, answer, error }: Call): string {
  const said = error === undefined ? told(method, answer) : `refused: ${String(error)}`;
  return `${method} ${asked(method, request)} → ${said}`;
}

function asked(method: Method, request: Call['request']): string {
  if (method === 'enqueue')
    return (request as EnqueueRequest).jobs.map(({ id, name }) => `${name} ${id}`).join(', ');
  if (method === 'exchange') {
    const { settle, claim, held } = request as ExchangeRequest;
    const settled = settle.map(({ id, fence, outcome }) => `${outcome.kind} ${id}/${fence}`);
    const asks = claim === undefined ? [] : [`claim ${claim.limit}`];
    return [...settled, ...(held === undefined ? [] : [`held ${held.length}`]), ...asks].join(', ');
  }
  if (method === 'extend')
    return (request as ExtendRequest).leases.map(({ id, fence }) => `${id}/${fence}`).join(', ');
  if ('firings' in request)
    return request.firings.map(({ id, seenAt, ticks }) => `${id} at ${seenAt}: ${ticks.length}`).join(', ');
  if ('schedules' in request) return request.schedules.map(({ id }) => id).join(', ');
  if ('feature' in request) return request.feature;
  if ('ids' in request) return request.ids?.join(', ') ?? '';
  if ('id' in request) return request.id;
  return 'name' in request ? (request.name ?? '') : '';
}

function told(method: Method, answer: Call['answer']): string {
  if (method === 'exchange') {
    const { settled, jobs } = answer as ExchangeAnswer;
    return [...settled, ...jobs.map(({ job, fence }) => `${job.id}/${fence}`)].join(', ') || 'nothing';
  }
  if (method === 'enqueue')
    return (answer as readonly EnqueueAnswer[]).map(({ status }) => status).join(', ');
  if (method === 'reclaim') {
    const { reclaimed, dead, cancelled } = answer as ReclaimAnswer;
    return `${reclaimed.length} back, ${dead.length} dead, ${cancelled.length} cancelled`;
  }
  if (method === 'prune' || method === 'retryNow' || method === 'abandon') return JSON.stringify(answer);
  if (method === 'fire') return (answer as readonly FireAnswer[]).map(({ status }) => status).join(', ');
  return answer === undefined ? 'done' : String(answer);
}
