import { InvalidOptionError } from '../../kernel/errors.ts';
import type { Job } from '../../kernel/job.ts';
import type { EnqueueAnswer } from '../../kernel/messages.ts';
import { sealPayload } from '../../kernel/payload.ts';
import type { AroundHost, AroundIntake, Commit, EnqueuesAround, Wanted } from '../../queue/around.ts';
import type { CheckedJob } from '../../queue/checked-job.ts';
import { definitionOf } from '../../queue/definitions.ts';
import { copyOptions } from '../../queue/option-table.ts';
import { checkKnown } from '../../queue/options.ts';
import type { EnqueueCall, EnqueueChange, EnqueueResult } from './calls.ts';
import { LateChain } from './late-chain.ts';
import type { EnqueueLayer } from './layers.ts';
import { through } from './through.ts';

/** The middleware around the enqueues of one queue. */
export class AroundEnqueue implements EnqueuesAround {
  readonly #layers: readonly EnqueueLayer[];
  readonly #host: AroundHost;
  readonly #intake: AroundIntake;

  constructor(layers: readonly EnqueueLayer[], host: AroundHost, intake: AroundIntake) {
    this.#layers = layers;
    this.#host = host;
    this.#intake = intake;
  }

  /** Commits all of them once each was let through, or none. */
  async store(items: readonly Wanted[], commit: Commit): Promise<readonly EnqueueAnswer[]> {
    const calls = items.map((item) => this.#call(item, items.length));
    const batch = new Gathering(calls.length, commit);
    const onLate = (error: unknown) => {
      if (batch.isStored) this.#host.emitter.emit('worker:error', { error });
    };
    const enter = (i: number) => async (call: EnqueueCall) => batch.enter(i, this.#check(call));
    const all = calls.map((call, i) => this.#through(call, enter(i), onLate).catch(batch.refuse));
    await Promise.all(all);
    return batch.answers;
  }

  /** Lets one through that is stored later. */
  prepare(item: Wanted): Promise<CheckedJob> {
    return this.#prepare(this.#call(item, 1)).job;
  }

  chain(from: Job): LateChain {
    return new LateChain((item) => {
      const call = this.#call(item, 1, from);
      return { id: call.id, ...this.#prepare(call) };
    });
  }

  #prepare(call: EnqueueCall) {
    let checked: CheckedJob | undefined;
    let refused: { readonly error: unknown } | undefined;
    const core = async (changed: EnqueueCall): Promise<EnqueueResult> => {
      try {
        checked = this.#check(changed);
      } catch (error) {
        refused = { error };
        throw error;
      }
      await checked.checking;
      return { id: call.id, status: 'prepared' };
    };
    const onLate = (error: unknown) => {
      throw error;
    };
    const job = this.#through(call, core, onLate).then(() => checked as CheckedJob);
    return { job, refusal: () => refused };
  }

  #through(
    call: EnqueueCall,
    core: (call: EnqueueCall) => Promise<EnqueueResult>,
    onLate: (error: unknown) => void,
  ): Promise<EnqueueResult> {
    return through({ layers: this.#layers, core, changed, steers: () => false, onLate }, call);
  }

  /** What the caller changes afterwards changes nothing. */
  #call({ name, payload, options }: Wanted, batchSize: number, from?: Job): EnqueueCall {
    const { name: queue, jobs, accepts, environment } = this.#host;
    definitionOf(jobs, name); // Throws for one that there is not.
    const own = copyOptions(accepts, options);
    const { value } = sealPayload(payload, { blobs: this.#intake.blobs });
    const call = { queue, name, id: own.id ?? environment.id(), payload: value, options: own, batchSize };
    return from === undefined ? call : { ...call, from };
  }

  #check({ name, payload, options, id }: EnqueueCall): CheckedJob {
    return this.#intake.toSpec(name, payload, options, () => id);
  }
}

function changed(call: EnqueueCall, change: EnqueueChange): EnqueueCall {
  const next = { ...call, ...checkKnown('what next is given', change, ['payload', 'options']) };
  if (next.options.id !== call.options.id)
    throw new InvalidOptionError('id', next.options.id, 'that of the call: it stays');
  return next;
}

/** Jobs that are stored together once the last of them is let through. */
class Gathering {
  isStored = false;
  readonly answers: Promise<readonly EnqueueAnswer[]>;
  readonly #jobs: CheckedJob[] = [];
  readonly #commit: Commit;
  #missing: number;
  #accept!: (answers: Promise<readonly EnqueueAnswer[]>) => void;
  /** Keeps all of them from being stored. */
  refuse!: (error: unknown) => void;

  constructor(size: number, commit: Commit) {
    this.#missing = size;
    this.#commit = commit;
    this.answers = new Promise((accept, refuse) => {
      this.#accept = accept;
      this.refuse = refuse;
    });
    this.answers.catch(() => undefined);
  }

  async enter(i: number, job: CheckedJob): Promise<EnqueueAnswer> {
    this.#jobs[i] = job;
    this.#missing -= 1;
    if (this.#missing === 0) this.#accept(this.#store());
    return (await this.answers)[i] as EnqueueAnswer;
  }

  async #store(): Promise<readonly EnqueueAnswer[]> {
    const answers = await this.#commit(this.#jobs);
    this.isStored = true;
    return answers;
  }
}
