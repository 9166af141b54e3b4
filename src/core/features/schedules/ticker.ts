import type { EventName } from '../../queue/emitter.ts';
import type { Environment } from '../../queue/environment.ts';
import { pauseMs } from '../../queue/pause.ts';
import type { WorkPart } from '../../work/work-part.ts';
import type { TickWatch } from './messages.ts';
import type { Schedules } from './part.ts';

const SIGNS: readonly EventName[] = ['schedule:fired', 'schedule:skipped'];

/** What a worker does for schedules: stores those declared when it starts, and fires ticks when they come. Their failures are no job's. */
export class Ticker implements WorkPart {
  readonly name = 'schedules';
  readonly signs = SIGNS;
  readonly #schedules: Schedules;
  readonly #environment: Environment;
  readonly #tell: (error: unknown) => void;
  #names: TickWatch['names'] = {};
  /** The next tick that the store told of. */
  #tickAt: number | undefined;
  /** It fails: not again before so long after that. */
  #failedAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  /** Ticks that were told of, and were not there, in a row. */
  #vain = 0;

  constructor(schedules: Schedules, environment: Environment, tell: (error: unknown) => void) {
    this.#schedules = schedules;
    this.#environment = environment;
    this.#tell = tell;
  }

  /** What a claim says, once it is known which names are open, and their versions. */
  ask(names: TickWatch['names']): TickWatch {
    this.#names = names;
    return { kinds: this.#schedules.kinds, names };
  }

  heard(nextAt: number | undefined): void {
    this.#tickAt = nextAt;
  }

  /** What fails here, the next worker does again, and tells. */
  begin(): void {
    this.#schedules.lose();
    void this.#schedules.declare().catch(() => undefined);
  }

  /** When `run` has something to do; undefined: when something else wakes. */
  get nextAt(): number | undefined {
    const at = this.#schedules.isDeclared ? this.#tickAt : Number.NEGATIVE_INFINITY;
    if (at === undefined || this.#failures === 0) return at;
    const until = this.#failedAt + pauseMs(this.#failures - 1);
    // A clock that was set back must not put it off.
    return this.#environment.now() < this.#failedAt ? at : Math.max(at, until);
  }

  get isPromising(): boolean {
    return this.#vain === 0;
  }

  /** Never rejects. */
  async run(): Promise<void> {
    try {
      await this.#schedules.declare();
      if (this.#tickAt !== undefined && this.#tickAt <= this.#environment.now()) {
        const { found, nextAt } = await this.#schedules.fire(this.#names, this.#vain > 0);
        this.#vain = found ? 0 : this.#vain + 1;
        this.#tickAt = nextAt;
      }
      this.#failures = 0;
    } catch (error) {
      this.#failedAt = this.#environment.now();
      this.#failures += 1;
      this.#tell(error);
    }
  }
}
