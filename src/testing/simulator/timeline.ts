import { laterTask } from '../../core/queue/later-task.ts';
import { Heap } from '../../stores/memory/heap.ts';
import type { Random } from './random.ts';

interface Task {
  at: number;
  /** Decides between tasks of one instant. */
  tie: number;
  readonly run: () => unknown;
  readonly life: Life | undefined;
  over: boolean;
}

/** Whether what belongs to a context still happens. */
export class Life {
  state: 'alive' | 'frozen' | 'dead' = 'alive';
  /** What came while it was frozen, in that order. */
  readonly held: Task[] = [];
}

/**
 * Virtual time. Everything that waits is a task at an instant; tasks of one instant run in an order that the seed decides,
 * and each runs alone, with all that follows from it without waiting.
 */
export class Timeline {
  /** Virtual ms since the beginning. */
  elapsed = 0;
  /** Tasks run so far. */
  steps = 0;
  readonly #tasks = new Heap<Task>((a, b) => a.at < b.at || (a.at === b.at && a.tie < b.tie));
  readonly #order: Random;

  constructor(order: Random) {
    this.#order = order;
  }

  /** Runs it in `ms`, unless its context is dead by then; a frozen one's waits for the thaw. Answers what cancels it. */
  after(ms: number, run: () => unknown, life?: Life): () => void {
    const at = this.elapsed + Math.max(0, Math.ceil(ms));
    const task: Task = { at, tie: this.#order.next(), run, life, over: false };
    this.#tasks.push(task);
    return () => {
      task.over = true;
    };
  }

  /** Lets a frozen context go on: all that it missed happens now. */
  thaw(life: Life): void {
    life.state = 'alive';
    for (const task of life.held.splice(0)) {
      task.at = this.elapsed;
      task.tie = this.#order.next();
      this.#tasks.push(task);
    }
  }

  /** Runs the next task. False: nothing is left to come. */
  async step(): Promise<boolean> {
    const task = this.#next();
    if (task === undefined) return false;
    this.elapsed = Math.max(this.elapsed, task.at);
    this.steps += 1;
    task.over = true;
    await task.run();
    // All promises that can have gone on have then.
    await laterTask({});
    return true;
  }

  #next(): Task | undefined {
    for (let task = this.#tasks.pop(); task !== undefined; task = this.#tasks.pop()) {
      if (task.over || task.life?.state === 'dead') continue;
      if (task.life?.state !== 'frozen') return task;
      task.life.held.push(task);
    }
    return undefined;
  }
}
