import {
  cancel,
  type EditOptions,
  edit,
  pause,
  pauseSchedule,
  type Queue,
  redrive,
  redriveMany,
  remove,
  removeMany,
  resume,
  resumeSchedule,
  retryNow,
  triggerSchedule,
} from '../core/index.ts';
import { type InspectorAction, tally } from './actions.ts';
import { counted } from './words/numbers.ts';

/** Does it, and shows what it came to. */
type Act = (action: InspectorAction, run: () => Promise<string>) => Promise<void>;

/** What the buttons do. Never rejects: what went wrong is shown. */
export class Steering {
  readonly #queue: Queue;
  readonly #act: Act;
  readonly #name: () => string | undefined;

  /** `name`: of the jobs that are listed, if they are of one name. */
  constructor(queue: Queue, act: Act, name: () => string | undefined) {
    this.#queue = queue;
    this.#act = act;
    this.#name = name;
  }

  #each(ids: readonly string[], one: (id: string) => Promise<string>): Promise<string> {
    return Promise.all(ids.map(one)).then(tally);
  }

  retry(ids: readonly string[]): Promise<void> {
    return this.#act('retry', () => this.#each(ids, (id) => redrive(this.#queue, id)));
  }

  retryAll(): Promise<void> {
    const name = this.#name();
    return this.#act('retry', async () => {
      const { redriven } = await redriveMany(this.#queue, name ? { name } : {});
      return `${counted(redriven, 'job')} retried`;
    });
  }

  editAndRetry(id: string, payload: unknown): Promise<void> {
    return this.#act('retry', async () =>
      tally([await redrive(this.#queue, id, { payload: payload as never })]),
    );
  }

  discard(ids: readonly string[]): Promise<void> {
    return this.#act('discard', () => this.#each(ids, (id) => remove(this.#queue, id)));
  }

  discardAll(): Promise<void> {
    const name = this.#name();
    return this.#act('discard', async () => {
      const { removed } = await removeMany(this.#queue, name ? { name } : {});
      return `${counted(removed, 'job')} discarded`;
    });
  }

  run(ids: readonly string[]): Promise<void> {
    return this.#act('run', async () => {
      const { due } = await retryNow(this.#queue, { ids });
      return due === 0 ? 'Due already' : `${counted(due, 'job')} due now`;
    });
  }

  /** Asks closed targets again, and tries again what was tried before. */
  tryAgain(): Promise<void> {
    return this.#act('run', async () => {
      await retryNow(this.#queue);
      return 'Trying again now';
    });
  }

  edit(id: string, changes: EditOptions): Promise<void> {
    return this.#act('edit', async () => tally([await edit(this.#queue, id, changes as never)]));
  }

  cancel(ids: readonly string[]): Promise<void> {
    return this.#act('cancel', () => this.#each(ids, (id) => cancel(this.#queue, id)));
  }

  setPaused(isPaused: boolean, name?: string): Promise<void> {
    const what = name === undefined ? 'The queue' : name;
    return this.#act('pause', async () => {
      await (isPaused ? pause : resume)(this.#queue, name);
      return isPaused ? `${what} is paused: what runs goes on` : `${what} goes on`;
    });
  }

  setSchedulePaused(id: string, isPaused: boolean): Promise<void> {
    return this.#act('schedules', async () => {
      const there = await (isPaused ? pauseSchedule : resumeSchedule)(this.#queue, id);
      return there ? `${id} ${isPaused ? 'is paused' : 'goes on'}` : `${id} is gone`;
    });
  }

  trigger(id: string): Promise<void> {
    return this.#act('schedules', async () => {
      const { status } = await triggerSchedule(this.#queue, id);
      if (status === 'overlap') return `${id}: its last job is not done yet`;
      return status === 'unknown' ? `${id} is gone` : `${id} has a job now`;
    });
  }
}
