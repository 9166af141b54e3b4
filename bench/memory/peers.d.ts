// What the benchmark uses of its peers, which only `npm run bench` installs.

declare module 'p-queue' {
  export default class PQueue {
    constructor(options: { concurrency: number });
    add<T>(work: () => Promise<T>, options?: { priority?: number }): Promise<T>;
    pause(): void;
    start(): this;
  }
}

declare module 'fastq' {
  const fastq: {
    promise<Task, Result>(
      worker: (task: Task) => Promise<Result>,
      concurrency: number,
    ): { push(task: Task): Promise<Result>; pause(): void; resume(): void };
  };
  export default fastq;
}

declare module 'async' {
  const async: {
    priorityQueue<Task, Result>(
      worker: (task: Task) => Promise<Result>,
      concurrency: number,
    ): { push(task: Task, priority: number): Promise<Result>; pause(): void; resume(): void };
  };
  export default async;
}
