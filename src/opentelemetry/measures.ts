import type { Attributes, Counter, Histogram, Meter } from '@opentelemetry/api';

/** In seconds, as the conventions advise. */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** The metrics of messaging. Their attributes have few values: no ids. */
export class Measures {
  readonly #sent: Counter;
  readonly #sending: Histogram;
  readonly #consumed: Counter;
  readonly #processing: Histogram;

  constructor(meter: Meter) {
    const duration = (name: string, description: string) =>
      meter.createHistogram(name, {
        description,
        unit: 's',
        advice: { explicitBucketBoundaries: BOUNDARIES },
      });
    const messages = (name: string, description: string) =>
      meter.createCounter(name, { description, unit: '{message}' });
    this.#sent = messages('messaging.client.sent.messages', 'Jobs that were to be enqueued.');
    this.#sending = duration('messaging.client.operation.duration', 'How long an enqueue took.');
    this.#consumed = messages('messaging.client.consumed.messages', 'Attempts that began.');
    this.#processing = duration('messaging.process.duration', 'How long an attempt took.');
  }

  sent(ms: number, attributes: Attributes): void {
    this.#sent.add(1, attributes);
    this.#sending.record(ms / 1_000, attributes);
  }

  processed(ms: number, attributes: Attributes): void {
    this.#consumed.add(1, attributes);
    this.#processing.record(ms / 1_000, attributes);
  }
}
