import type { Defect } from '../defect.ts';

/** Mistakes at a border between contexts: what an error loses there, and who is believed. */
export const borderDefects: readonly Defect[] = [
  {
    name: 'an error crosses without its issues',
    file: 'src/core/remote/error.ts',
    replace: ['...(issues === undefined ? {} : { issues }),', '...(issues === undefined ? {} : {}),'],
    caughtBy: ['test/unit/crossing-errors.test.ts', 'test/workerd/client.test.ts'],
  },
  {
    name: "what is not holdfast's own crosses with all its fields",
    file: 'src/core/remote/error.ts',
    replace: ['...(isOurs(head) ? factsOf(source) : {}),', '...factsOf(source),'],
    caughtBy: ['test/unit/crossing-errors.test.ts'],
  },
  {
    name: 'a code of a newer version is no code',
    file: 'src/core/remote/error.ts',
    replace: ['code !== undefined && name === nameOf(code);', "code !== 'Eclipse' && name === nameOf(code);"],
    caughtBy: ['test/unit/crossing-errors.test.ts'],
  },
  {
    name: 'causes that go round are followed for ever',
    file: 'src/core/remote/error.ts',
    replace: ['{ cause: read(cause, causes - 1) }', '{ cause: read(cause, causes) }'],
    caughtBy: ['test/unit/crossing-errors.test.ts'],
  },
  {
    name: 'a field of what came hides a method that every error has',
    file: 'src/core/remote/error.ts',
    replace: ['if (key in Error.prototype || NO_FACTS', 'if (NO_FACTS'],
    caughtBy: ['test/unit/crossing-errors.test.ts'],
  },
  {
    name: 'a call is made again for the error of something else than a queue',
    file: 'src/core/remote/remote-line.ts',
    replace: ['{ retryable: false, cause }', '{ retryable: true, cause }'],
    caughtBy: ['test/workerd/client.test.ts'],
  },
  {
    name: 'instants travel as the clock of their caller has them',
    file: 'src/core/remote/remote-line.ts',
    replace: ['movedBy(-environment.now())', 'movedBy(0 * environment.now())'],
    caughtBy: ['test/unit/remote.test.ts'],
  },
  {
    name: 'a caller is permitted unless authorize says no',
    file: 'src/core/remote/expose.ts',
    replace: [
      'if (permit === true) return {};',
      "if (permit !== false && typeof permit !== 'string') return {};",
    ],
    caughtBy: ['test/unit/protocol.test.ts'],
  },
  {
    name: 'callers are one worker if they say so',
    file: 'src/core/remote/pulling.ts',
    replace: ['identity === undefined ?', 'workerId !== undefined ?'],
    caughtBy: ['test/unit/protocol.test.ts'],
  },
  {
    name: 'a worker elsewhere knows no limits of the queue',
    file: 'src/core/remote/pulling.ts',
    replace: ['{ ...claim, ...options.shared, names', '{ ...claim, names'],
    caughtBy: ['test/unit/protocol.test.ts'],
  },
  {
    name: 'a worker elsewhere claims ahead',
    file: 'src/core/work/asking.ts',
    replace: ['far === undefined ? this.#pace.ahead : 0', 'this.#pace.ahead'],
    caughtBy: ['test/unit/protocol.test.ts'],
  },
  {
    name: 'a call is repeated as if the first had not been made',
    file: 'src/core/remote/remote-line.ts',
    replace: ['tried > 1 && again ? again.answer(answer, args) : answer', 'answer'],
    caughtBy: ['test/unit/protocol.test.ts'],
  },
  {
    name: 'the host believes that payloads were checked',
    file: 'src/core/remote/expose.ts',
    replace: ['await admit?.call(operation, checked, this.#context);', 'void admit;'],
    caughtBy: ['test/unit/protocol.test.ts'],
  },
  {
    name: 'jobs of one call are spread over all objects',
    file: 'src/edge/place-jobs.ts',
    replace: ['shards.ofId(together?.id ?? job.id)', 'shards.ofId(together === job ? together.id : job.id)'],
    caughtBy: ['test/workerd/client.test.ts'],
  },
  {
    name: 'a server that fails with a status of its own is taken at its word',
    file: 'src/edge/http-queue.ts',
    replace: ['status >= 500 ||', 'status === 503 ||'],
    caughtBy: ['test/unit/http-calls.test.ts'],
  },
  {
    name: 'an answer that broke off is no answer for good',
    file: 'src/edge/http-queue.ts',
    replace: ['answer.ok ? unreached : () => undefined', '() => undefined'],
    caughtBy: ['test/unit/http-calls.test.ts'],
  },
  {
    name: 'a wire that fails is taken for a full disk, and results are thrown away',
    file: 'src/core/queue/refusal.ts',
    replace: ['retryable === false && unanswered !== true', 'retryable === false'],
    caughtBy: ['test/unit/remote.test.ts'],
  },
  {
    name: 'a host believes which ticks are due',
    file: 'src/core/features/schedules/serving-fire.ts',
    replace: [
      'schedule?.nextAt === asked.seenAt ? dueOf(asked, schedule, now, context) : undefined',
      'schedule?.nextAt === asked.seenAt ? (now > 0 ? asked : dueOf(asked, schedule, now, context)) : undefined',
    ],
    caughtBy: ['test/unit/firing-elsewhere.test.ts'],
  },
  {
    name: 'a host believes that the clock of its caller is right',
    file: 'src/core/features/schedules/serving-fire.ts',
    replace: [
      'asked.seenAt - now <= SLACK_MS ? Math.max(now, asked.seenAt) : now',
      'Math.max(now, asked.seenAt)',
    ],
    caughtBy: ['test/unit/firing-elsewhere.test.ts'],
  },
  {
    name: 'a schedule that comes from elsewhere has a job that none here could have',
    file: 'src/core/features/schedules/served-schedules.ts',
    replace: ['job: checkScheduled(', 'job: ((_: string, given: typeof job) => given)('],
    caughtBy: ['test/unit/protocol.test.ts'],
  },
  {
    name: 'a host says nothing of jobs that died with their worker elsewhere',
    file: 'src/core/remote/pulling.ts',
    replace: ['await reportReclaimed(await reclaimLeases(local), context)', 'await reclaimLeases(local)'],
    caughtBy: ['test/unit/protocol.test.ts'],
  },
  {
    name: 'a host between adds limits of its own, which the next refuses',
    file: 'src/core/remote/pulling.ts',
    replace: ['if (local === undefined) return', 'if (context === undefined) return'],
    caughtBy: ['test/unit/remote.test.ts'],
  },
  {
    name: 'a pool makes a thread in the place of one that has just ended, at once',
    file: 'src/browser/comlink/worker-pool.ts',
    replace: ['      await this.#quiet();\n', ''],
    caughtBy: ['test/unit/worker-pool.test.ts'],
  },
];
