import type { Defect } from '../defect.ts';

export const workerDefects: readonly Defect[] = [
  {
    name: 'an event of a queue elsewhere is emitted by its caller as well',
    file: 'src/core/queue/context.ts',
    replace: ['if (!this.line.far?.tells) operation', 'operation'],
    caughtBy: ['test/unit/comlink.test.ts'],
  },
  {
    name: 'a pool blames the job for a thread that takes long to start',
    file: 'src/browser/comlink/worker-pool.ts',
    replace: [
      'if (thread === NONE) return context.release({ delayMs: PAUSE_MS });',
      "if (thread === NONE) throw new Error('late');",
    ],
    caughtBy: ['test/unit/worker-pool.test.ts'],
  },
  {
    name: 'a view does not look again when the next host is there',
    file: 'src/browser/comlink/connection.ts',
    replace: [
      "if (this.#wasUp) this.#options.onBatch({ hints: ['work', 'cancel'], events: [] });",
      'if (this.#isEnding) this.#wasUp = false;',
    ],
    caughtBy: ['test/unit/comlink-life.test.ts'],
  },
  {
    name: 'a page may call whatever can be reached from the methods of its host',
    file: 'src/browser/comlink/guarded.ts',
    replace: ['if (!isCall((event as MessageEvent).data, methods)) return;', 'if (!methods) return;'],
    caughtBy: ['test/unit/comlink.test.ts'],
  },
];
