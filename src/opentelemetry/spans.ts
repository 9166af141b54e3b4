import {
  type Attributes,
  context,
  type Link,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Attempt, EnqueueCall, EnqueueChange, EnqueueResult } from '../core/index.ts';
import { toJobError } from '../core/kernel/job-error.ts';
import type { Measures } from './measures.ts';
import { contextOf, spanContextOf, withTrace } from './trace-headers.ts';

/** They end an attempt, and nothing has failed. */
const NO_FAILURES = ['JobReleasedError', 'LeaseLostError', 'JobCancelledError', 'WorkerStoppedError'];

const common = (operation: 'send' | 'process', queue: string): Attributes => ({
  'messaging.system': 'holdfast',
  'messaging.destination.name': queue,
  'messaging.operation.name': operation,
  'messaging.operation.type': operation,
});

/** A span around an enqueue, which goes with the job. */
export async function sending(
  tracer: Tracer,
  measures: Measures,
  call: EnqueueCall,
  next: (change?: EnqueueChange) => Promise<EnqueueResult>,
): Promise<void> {
  const { queue, name, id, options, batchSize } = call;
  const custom = spanContextOf(options.headers);
  const attributes = common('send', queue);
  const span = tracer.startSpan(`send ${queue}`, {
    kind: SpanKind.PRODUCER,
    attributes: {
      ...attributes,
      'messaging.message.id': id,
      ...(batchSize > 1 ? { 'messaging.batch.message_count': batchSize } : {}),
      ...ofJob(name, options.lane),
    },
    links: linksTo(custom),
  });
  const active = trace.setSpan(context.active(), span);
  const headers = custom === undefined ? withTrace(options.headers, active) : options.headers;
  const change = headers === undefined ? undefined : { options: { ...options, headers } };
  await watched(
    span,
    async () => {
      const result = await context.with(active, () => next(change));
      span.setAttributes({
        'messaging.message.id': result.id,
        'messaging.holdfast.enqueue.status': result.status,
      });
    },
    (thrown) => thrown,
    (ms, type) => measures.sent(ms, { ...attributes, ...type }),
  );
}

/** A span around an attempt, below the one that its job came with. */
export async function processing(
  tracer: Tracer,
  measures: Measures,
  { queue, job, attempt, signal }: Attempt,
  next: () => Promise<unknown>,
): Promise<void> {
  const producer = contextOf(job.headers);
  const attributes = common('process', queue);
  const owner = job.lease?.workerId;
  const span = tracer.startSpan(
    `process ${queue}`,
    {
      kind: SpanKind.CONSUMER,
      attributes: {
        ...attributes,
        'messaging.message.id': job.id,
        ...(owner === undefined ? {} : { 'messaging.client.id': owner }),
        ...ofJob(job.name, job.lane),
        'messaging.holdfast.job.attempt': attempt,
      },
      links: linksTo(trace.getSpanContext(producer)),
    },
    producer,
  );
  await watched(
    span,
    () => context.with(trace.setSpan(producer, span), next),
    // Why it was told to stop says more than what the handler made of it.
    (thrown) => (signal.aborted ? signal.reason : thrown),
    (ms, type) => measures.processed(ms, { ...attributes, ...type }),
  );
}

const ofJob = (name: string, lane: string | undefined): Attributes => ({
  'messaging.holdfast.job.name': name,
  ...(lane === undefined ? {} : { 'messaging.holdfast.job.lane': lane }),
});

const linksTo = (found: Link['context'] | undefined): Link[] =>
  found === undefined ? [] : [{ context: found }];

/** Ends the span with what the work came to. */
async function watched(
  span: Span,
  work: () => Promise<unknown>,
  reasonOf: (thrown: unknown) => unknown,
  measure: (ms: number, type: Attributes) => void,
): Promise<void> {
  const start = Date.now();
  let type: Attributes = {};
  try {
    await work();
  } catch (thrown) {
    type = failed(span, reasonOf(thrown));
    throw thrown;
  } finally {
    span.end();
    measure(Math.max(0, Date.now() - start), type);
  }
}

/** What was thrown may be anything, and of any size. */
function failed(span: Span, thrown: unknown): Attributes {
  const { name, message, stack } = toJobError(thrown, 1, 0);
  if (NO_FAILURES.includes(name)) return {};
  const type = { 'error.type': name };
  span.recordException({ name, message, ...(stack === undefined ? {} : { stack }) });
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.setAttributes(type);
  return type;
}
