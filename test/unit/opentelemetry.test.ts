import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  count,
  DeadLetterError,
  enqueueMany,
  fixed,
  get,
  job,
  memoryBacking,
  middleware,
  work,
} from 'holdfast';
import { openTelemetry } from 'holdfast/opentelemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setScene } from './scene.ts';
import { setTracing, tellingMeter } from './tracing-scene.ts';

const jobs = { push: job<unknown>({ backoff: fixed({ delayMs: 1_000 }) }), pull: job<unknown>() };
const secret = { secret: 'the payload' };

let tracing: ReturnType<typeof setTracing>;
beforeEach(() => {
  tracing = setTracing();
});
afterEach(() => tracing.clear());

/** A tab that enqueues and another that works, over one store. */
function twoTabs() {
  const backing = memoryBacking();
  const app = setScene(jobs, { backing, use: [middleware([openTelemetry()])] });
  const { environment } = app;
  const worker = setScene(jobs, { backing, environment, use: [middleware([openTelemetry()])] });
  return { app: app.queue, worker: worker.queue, environment };
}

describe('openTelemetry', () => {
  it('makes one trace of an enqueue and its run in another queue object, by the job’s headers', async () => {
    const { app, worker, environment } = twoTabs();
    const request = trace.getTracer('app').startSpan('request');
    const { id } = await app.enqueue('push', secret, { lane: 'doc', headers: { tenant: 'a' } });
    request.end();
    const sent = tracing.spanOf('send sync');
    const { traceId, spanId } = sent.spanContext();
    expect((await get(app, id))?.headers).toEqual({ tenant: 'a', traceparent: `00-${traceId}-${spanId}-01` });
    work(worker, { push: () => trace.getTracer('app').startSpan('query').end() });
    await environment.flush();
    const run = tracing.spanOf('process sync');
    expect([sent.kind, run.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER]);
    expect(run.spanContext().traceId).toBe(traceId);
    expect(run.parentSpanContext?.spanId).toBe(spanId);
    expect(run.links.map((link) => link.context.spanId)).toEqual([spanId]);
    expect(tracing.spanOf('query').parentSpanContext?.spanId).toBe(run.spanContext().spanId);
  });

  it('says what the conventions for messaging ask for, and nothing of payloads', async () => {
    const { app, worker, environment } = twoTabs();
    const { id } = await app.enqueue('push', secret, { lane: 'doc' });
    work(worker, { push: () => secret });
    await environment.flush();
    const common = {
      'messaging.system': 'holdfast',
      'messaging.destination.name': 'sync',
      'messaging.message.id': id,
      'messaging.holdfast.job.name': 'push',
      'messaging.holdfast.job.lane': 'doc',
    };
    expect(tracing.spanOf('send sync').attributes).toEqual({
      ...common,
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.holdfast.enqueue.status': 'enqueued',
    });
    expect(tracing.spanOf('process sync').attributes).toEqual({
      ...common,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.client.id': expect.any(String),
      'messaging.holdfast.job.attempt': 1,
    });
    const text = JSON.stringify(
      tracing.spans().map(({ name, attributes, events, status }) => [name, attributes, events, status]),
    );
    expect(text).not.toContain('the payload');
  });

  it('has a span for each attempt: failed ones with their error, and the last one well', async () => {
    const { app, worker, environment } = twoTabs();
    await app.enqueue('push', secret);
    work(worker, {
      push: (_, { attempt }) => {
        if (attempt === 1) throw new RangeError('too far');
      },
    });
    await environment.advance(1_500);
    const [first, second] = tracing.spans().filter(({ name }) => name === 'process sync');
    expect(first?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'too far' });
    expect(first?.attributes['error.type']).toBe('RangeError');
    expect(first?.events).toMatchObject([
      {
        name: 'exception',
        attributes: { 'exception.type': 'RangeError', 'exception.message': 'too far' },
      },
    ]);
    expect(second?.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(second?.attributes['messaging.holdfast.job.attempt']).toBe(2);
    expect(second?.spanContext().traceId).toBe(first?.spanContext().traceId);
  });

  it.each([
    ['released', (release: () => never) => release()],
    ['lost to a stop', () => undefined],
  ])('calls no failure what was %s', async (how, act) => {
    const { app, worker, environment } = twoTabs();
    await app.enqueue('push', secret);
    const running = work(worker, {
      push: (_, { release, signal }) => {
        if (how === 'released') return act(() => release({ delayMs: 3_600_000 }));
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
      },
    });
    await environment.flush();
    void running.stop({ graceMs: 0 });
    await environment.advance(1_000);
    const { status, events, attributes } = tracing.spanOf('process sync');
    expect([status.code, events, attributes['error.type']]).toEqual([SpanStatusCode.UNSET, [], undefined]);
  });

  it('records an enqueue that is refused, and lets its error through', async () => {
    const { queue } = setScene(jobs, { maxDepth: 1, use: [middleware([openTelemetry()])] });
    await queue.enqueue('push', 1);
    await expect(queue.enqueue('push', 2)).rejects.toMatchObject({ code: 'QueueFull' });
    const refused = tracing.spans().at(-1);
    expect(refused?.status.code).toBe(SpanStatusCode.ERROR);
    expect(refused?.attributes['error.type']).toBe('QueueFullError');
  });

  it('gives each job of a batch its own span, with the size of the batch', async () => {
    const { queue } = setScene(jobs, { use: [middleware([openTelemetry()])] });
    const items = [1, 2, 3].map((payload) => ({ name: 'push' as const, payload }));
    const answers = await enqueueMany(queue, items);
    const sizes = tracing.spans().map(({ attributes }) => attributes['messaging.batch.message_count']);
    expect(sizes).toEqual([3, 3, 3]);
    const stored = await Promise.all(answers.map(({ id }) => get(queue, id)));
    expect(new Set(stored.map((one) => one?.headers?.traceparent)).size).toBe(3);
  });

  it('puts what a handler enqueues below the span of its run', async () => {
    const { app, worker, environment } = twoTabs();
    await app.enqueue('push', 1);
    work(worker, { push: (_, context) => void context.enqueue('pull', 2), pull: () => {} });
    await environment.flush();
    const [push, pull] = tracing.spans().filter(({ name }) => name === 'process sync');
    const [, chained] = tracing.spans().filter(({ name }) => name === 'send sync');
    expect(chained?.parentSpanContext?.spanId).toBe(push?.spanContext().spanId);
    expect(pull?.parentSpanContext?.spanId).toBe(chained?.spanContext().spanId);
  });

  it('leaves a trace context that the caller gave, and links it', async () => {
    const { app, worker, environment } = twoTabs();
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const { id } = await app.enqueue('push', 1, { headers: { traceparent } });
    expect((await get(app, id))?.headers).toEqual({ traceparent });
    work(worker, { push: () => {} });
    await environment.flush();
    expect(tracing.spanOf('send sync').links.map((link) => link.context.spanId)).toEqual(['b'.repeat(16)]);
    expect(tracing.spanOf('process sync').parentSpanContext?.spanId).toBe('b'.repeat(16));
  });

  it('refuses no job for what does not fit into its headers', async () => {
    tracing.clear();
    tracing = setTracing({ baggage: 'x'.repeat(1_025) });
    const { queue } = setScene(jobs, { use: [middleware([openTelemetry()])] });
    const { id } = await queue.enqueue('push', 1);
    expect(Object.keys((await get(queue, id))?.headers ?? {})).toEqual(['traceparent']);
  });

  it('begins a trace of its own for a job without one', async () => {
    const backing = memoryBacking();
    const { queue, environment } = setScene(jobs, { backing });
    const worker = setScene(jobs, { backing, environment, use: [middleware([openTelemetry()])] });
    await queue.enqueue('push', 1);
    work(worker.queue, { push: () => Promise.reject(new DeadLetterError('never')) });
    await environment.flush();
    const span = tracing.spanOf('process sync');
    expect([span.parentSpanContext, span.links]).toEqual([undefined, []]);
    expect(span.attributes['error.type']).toBe('DeadLetterError');
  });

  it('measures what was sent and processed, without ids', async () => {
    const { meter, told } = tellingMeter();
    const { queue, environment } = setScene(jobs, { use: [middleware([openTelemetry({ meter })])] });
    await queue.enqueue('push', 1);
    work(queue, { push: () => Promise.reject(new TypeError('no')) });
    await environment.flush();
    const of = (operation: string) => ({
      'messaging.system': 'holdfast',
      'messaging.destination.name': 'sync',
      'messaging.operation.name': operation,
      'messaging.operation.type': operation,
    });
    const failed = { ...of('process'), 'error.type': 'TypeError' };
    expect(told).toEqual({
      'messaging.client.sent.messages': [[1, of('send')]],
      'messaging.client.operation.duration': [[expect.any(Number), of('send')]],
      'messaging.client.consumed.messages': [[1, failed]],
      'messaging.process.duration': [[expect.any(Number), failed]],
    });
  });

  it('does nothing to jobs where OpenTelemetry is not set up', async () => {
    tracing.clear();
    const { queue, environment } = setScene(jobs, { use: [middleware([openTelemetry()])] });
    const { id } = await queue.enqueue('push', 1);
    expect(await get(queue, id)).not.toHaveProperty('headers');
    work(queue, { push: () => {} });
    await environment.flush();
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });

  it.each<[unknown, string]>([
    [{ tracer: {} }, 'tracer is an object: expected a Tracer'],
    [{ meter: 5 }, 'meter is 5: expected a Meter'],
    [{ trace: 5 }, 'openTelemetry options is "trace": expected only tracer, meter'],
  ])('refuses %o at once', (options, message) => {
    expect(() => openTelemetry(options as never)).toThrow(message);
  });
});
