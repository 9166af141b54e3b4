import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type ContextManager,
  context,
  type Meter,
  propagation,
  ROOT_CONTEXT,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

/** The active context follows promises, as the SDK for Node has it. */
class AsyncContexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  active = () => this.#storage.getStore() ?? ROOT_CONTEXT;
  with: ContextManager['with'] = (active, call, self, ...given) =>
    this.#storage.run(active, () => call.apply(self as never, given));
  bind: ContextManager['bind'] = (_, target) => target;
  enable = () => this;
  disable = () => this;
}

/** What W3C's Trace Context says of `traceparent`, and a `baggage` of any size. */
function traceParent(baggage: string): TextMapPropagator {
  return {
    fields: () => ['traceparent', 'baggage'],
    inject(active, carrier, setter) {
      const found = trace.getSpanContext(active);
      if (found === undefined) return;
      setter.set(carrier, 'traceparent', `00-${found.traceId}-${found.spanId}-01`);
      if (baggage !== '') setter.set(carrier, 'baggage', baggage);
    },
    extract(active, carrier, getter) {
      const [, traceId, spanId] = String(getter.get(carrier, 'traceparent')).split('-');
      if (traceId === undefined || spanId === undefined) return active;
      return trace.setSpanContext(active, { traceId, spanId, traceFlags: 1, isRemote: true });
    },
  };
}

/** All that an app with OpenTelemetry has, its spans in memory. */
export function setTracing({ baggage = '' } = {}) {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  context.setGlobalContextManager(new AsyncContexts());
  propagation.setGlobalPropagator(traceParent(baggage));
  trace.setGlobalTracerProvider(provider);
  return {
    spans: (): ReadableSpan[] => exporter.getFinishedSpans(),
    spanOf(name: string): ReadableSpan {
      const found = exporter.getFinishedSpans().filter((span) => span.name === name);
      if (found.length !== 1) throw new Error(`there are ${found.length} spans ${name}`);
      return found[0] as ReadableSpan;
    },
    clear(): void {
      context.disable();
      propagation.disable();
      trace.disable();
    },
  };
}

/** A meter that keeps what it is told, by the name of the instrument. */
export function tellingMeter() {
  const told: Record<string, unknown[]> = {};
  const instrument = (name: string) => {
    const kept: unknown[] = [];
    told[name] = kept;
    const keep = (value: number, attributes: object) => void kept.push([value, attributes]);
    return { add: keep, record: keep };
  };
  return { told, meter: { createCounter: instrument, createHistogram: instrument } as unknown as Meter };
}
