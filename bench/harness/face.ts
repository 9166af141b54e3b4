/** What the benchmark asks of a queue, whichever build it is of. */
export interface Face {
  enqueueMany(queue: object, items: readonly object[]): Promise<unknown>;
  drain(queue: object, handlers: object): Promise<unknown>;
  work(queue: object, handlers: object, options?: object): unknown;
  count(queue: object): Promise<{ readonly pending: number; readonly active: number }>;
}

type Call = (...args: unknown[]) => unknown;

/** Builds speak one of two faces: operations are functions that the package exports, or methods of the queue. */
export function faceOf(exported: object): Face {
  const operation =
    (name: keyof Face) =>
    (queue: object, ...args: unknown[]) => {
      const run: unknown = Reflect.get(exported, name);
      return typeof run === 'function'
        ? run(queue, ...args)
        : (Reflect.get(queue, name) as Call).apply(queue, args);
    };
  return {
    enqueueMany: operation('enqueueMany') as Face['enqueueMany'],
    drain: operation('drain') as Face['drain'],
    work: operation('work') as Face['work'],
    count: operation('count') as Face['count'],
  };
}
