import { HoldfastError, messageOf, StoreError } from '../kernel/errors.ts';
import { jsonText } from '../kernel/json-text.ts';
import { isDoubtful, stillDoubtful } from '../queue/committer.ts';
import type { Environment } from '../queue/environment.ts';
import type { Far, Line } from '../queue/line.ts';
import type { Host, QueueOperation } from '../queue/queue-operation.ts';
import { borderOf } from './borders.ts';
import { deserializeError } from './error.ts';
import { type CallMessage, type Reply, VERSION } from './messages.ts';
import { changeAt, leftOut, movedBy } from './paths.ts';

/** Carries a message to the host of a queue, and resolves with its reply. What it rejects with is repeated if it is `retryable`. */
export type Send = (message: CallMessage) => Promise<unknown>;

/** Waits before a repeat: doubling from here, to the most, half of each spread by jitter. */
const INITIAL_MS = 100;
const MAX_MS = 5_000;
/** A host that is overloaded sheds calls because it has too many of them: a quick repeat is one more. */
const OVERLOADED_MS = 1_000;
/** While nothing changes, it is looked at less and less often. */
const MAX_POLL_MS = 30_000;

export interface RemoteLineOptions {
  readonly environment: Environment;
  readonly tries: number;
  readonly pollMs: number;
  readonly check?: Far['check'];
  /** It carries what a structured clone holds, and the host pushes hints and events: nobody has to look. */
  readonly isPort?: boolean;
}

/** A way to a queue elsewhere. */
export class RemoteLine implements Line {
  readonly far: Far;
  readonly #send: Send;
  readonly #options: RemoteLineOptions;
  #aheadMs = 0;

  constructor(send: Send, options: RemoteLineOptions) {
    this.#send = send;
    this.#options = options;
    const aheadMs = () => this.#aheadMs;
    this.far = {
      get aheadMs() {
        return aheadMs();
      },
      pollMs: options.pollMs,
      check: options.check,
      blobs: options.isPort === true,
      tells: options.isPort === true,
      poll: (host, changed) => (options.isPort ? () => undefined : poll(this, options, host, changed)),
    };
  }

  /** What the host's queue adds, it adds itself. A call that fails for a reason that passes is made again. */
  async run<Args, Answer>(operation: QueueOperation<Args, Answer>, args: Args): Promise<Answer> {
    const { again } = borderOf(operation);
    for (let tried = 1; ; tried++) {
      try {
        const repeated = tried > 1 && again ? again.args(args) : args;
        const answer = await this.#try(operation, repeated);
        return tried > 1 && again ? again.answer(answer, args) : answer;
      } catch (error) {
        // A try before this one may have been carried out.
        if (!isDoubtful(error)) throw tried > 1 && again ? stillDoubtful(error) : error;
        if (again === false || tried >= this.#options.tries) throw error;
        await this.#wait(tried, Object(error).overloaded === true);
      }
    }
  }

  async #try<Args, Answer>(operation: QueueOperation<Args, Answer>, args: Args): Promise<Answer> {
    const { name } = operation;
    const { instants, stays } = borderOf(operation);
    const { environment } = this.#options;
    const sent = changeAt(args, stays, leftOut);
    const asDelays = changeAt(sent, instants?.args, movedBy(-environment.now()));
    const { answer, error, now } = await this.#call({ v: VERSION, call: name, args: asDelays });
    if (Number.isFinite(now)) this.#aheadMs = now - environment.now();
    if (error !== undefined) throw errorOf(error);
    return changeAt(answer, instants?.answer, movedBy(-this.#aheadMs)) as Answer;
  }

  async #call(message: CallMessage): Promise<Reply> {
    const reply = await this.#send(message).catch((thrown: unknown) => {
      if (thrown instanceof StoreError) throw unanswered(thrown);
      if (thrown instanceof HoldfastError) throw thrown;
      const { retryable } = Object(thrown);
      throw unanswered(
        new StoreError(`the queue cannot be reached: ${messageOf(thrown)}`, {
          retryable: retryable === true,
          cause: thrown,
        }),
      );
    });
    const { v, answer, error, now } = Object(reply) as Partial<Reply>;
    // As JSON, an answer that is undefined is not there.
    if (answer === undefined && error === undefined && v !== VERSION)
      throw unanswered(
        new StoreError(
          'the host gave no reply: what carries a message has to return what expose(…) replied',
          { retryable: false },
        ),
      );
    return { v: VERSION, now: typeof now === 'number' ? now : Number.NaN, answer, ...(error && { error }) };
  }

  #wait(tried: number, overloaded: boolean): Promise<void> {
    const { environment } = this.#options;
    const most = Math.min(MAX_MS, INITIAL_MS * 2 ** (tried - 1));
    const ms = (overloaded ? OVERLOADED_MS * 2 ** (tried - 1) : 0) + spread(most, environment.id());
    return new Promise((resolve) => {
      environment.setTimer(resolve, ms);
    });
  }

  async close(): Promise<void> {}
}

/** From half of it to all, as the id says: those who failed together do not come again together. */
export function spread(ms: number, id: string): number {
  let sum = 0;
  for (let i = 0; i < id.length; i++) sum = (Math.imul(sum, 31) + id.charCodeAt(i)) >>> 0;
  return Math.ceil((ms * (1 + (sum % 1_000) / 1_000)) / 2);
}

/** What is not holdfast's own is a failure of the host, and no reason to call again. */
function errorOf(data: unknown): HoldfastError {
  const cause = deserializeError(data);
  if (cause instanceof HoldfastError) return cause;
  return unanswered(new StoreError(`the host failed: ${cause.message}`, { retryable: false, cause }));
}

/** It was not the store that said so, so nobody concludes that its disk is full. */
const unanswered = (error: StoreError): StoreError => Object.assign(error, { unanswered: true });

const COUNTING: QueueOperation<object, unknown> = {
  name: 'count',
  kind: 'reader',
  rule: () => {
    throw new TypeError('counted elsewhere');
  },
};

/** Compares counts while somebody looks. */
export function poll(
  line: Pick<Line, 'run'>,
  { environment, pollMs }: Pick<RemoteLineOptions, 'environment' | 'pollMs'>,
  host: Host,
  changed: () => void,
): () => void {
  let [before, waitMs] = ['', pollMs];
  let cancel = (): void => undefined;
  let isOver = false;
  const look = async () => {
    const counts = await line.run(COUNTING, {}, host).then(jsonText, () => before);
    if (isOver) return;
    waitMs = counts === before ? Math.min(MAX_POLL_MS, waitMs * 1.5) : pollMs;
    if (counts !== before) changed();
    before = counts;
    cancel = environment.setTimer(look, waitMs);
  };
  void look();
  return () => {
    isOver = true;
    cancel();
  };
}
