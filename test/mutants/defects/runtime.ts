import type { Defect } from '../defect.ts';

/** Mistakes of queue and worker: no store can be blamed for them. */
export const runtimeDefects: readonly Defect[] = [
  {
    name: 'a job is settled before its handler has ended',
    file: 'src/core/work/attempt.ts',
    replace: [
      'returned(await handler(this.claimed.job.payload, this.#host.contextOf(this)));',
      'await Promise.race([handler(this.claimed.job.payload, this.#host.contextOf(this)), undefined]);',
    ],
    caughtBy: ['simulator'],
  },
  {
    name: 'a failed response that a handler returns is taken for done',
    file: 'src/core/work/returned.ts',
    replace: ["if (ok || type === 'opaque') return result;", 'if (ok || type !== undefined) return result;'],
    caughtBy: ['test/unit/returned-response.test.ts'],
  },
  {
    name: 'a failed response is done for what is around its handler',
    file: 'src/core/work/workers.ts',
    replace: ['around?.run?.(checked(inner), handling)', 'around?.run?.(inner, handling)'],
    caughtBy: ['test/unit/returned-response.test.ts'],
  },
  {
    name: 'a second worker for a name is taken',
    file: 'src/core/work/workers.ts',
    replace: ['if (loop.works(name))', 'if (false)'],
    caughtBy: ['test/unit/second-worker.test.ts'],
  },
  {
    name: 'a worker that was told to stop keeps its names',
    file: 'src/core/work/worker.ts',
    replace: [
      "return this.#mode === 'work' && this.#setup.works.has(name);",
      'return this.#setup.works.has(name);',
    ],
    caughtBy: ['test/unit/second-worker.test.ts'],
  },
  {
    name: 'a logger that throws breaks its worker',
    file: 'src/core/queue/emitter.ts',
    replace: ['this.#call(name, (said) => log(name, said), event);', 'log(name, event);'],
    caughtBy: ['test/unit/logger.test.ts'],
  },
  {
    name: 'an older payload reaches its handler as it is stored',
    file: 'src/core/features/schema/payload-reader.ts',
    replace: ['lift(upcast, context.job, version)', 'lift(upcast, context.job, context.job.version)'],
    caughtBy: ['simulator'],
  },
  {
    name: 'a drain forgets when the name opens that its last attempt has held',
    file: 'src/core/work/worker.ts',
    replace: ['goesAlone(one) || one.endHold !== undefined', 'goesAlone(one)'],
    caughtBy: ['test/unit/draining.test.ts'],
  },
  {
    name: 'a drain that waits for a gate asks without an end',
    file: 'src/core/work/worker.ts',
    replace: [
      '(this.#isPatient ? this.#patience?.endsAt : undefined) ?? nextAt',
      'this.#patience?.endsAt ?? nextAt',
    ],
    caughtBy: ['test/unit/later-gates.test.ts', 'simulator'],
  },
  {
    name: 'a gate that answers later is closed whatever it says',
    file: 'src/core/features/gates/gate-answers.ts',
    replace: ['Object.assign(asked, { isOpen,', 'Object.assign(asked, { isOpen: false,'],
    caughtBy: ['simulator'],
  },
  {
    name: 'a handler that throws has completed',
    file: 'src/core/work/attempt.ts',
    replace: [
      '      ending = this.#afterThrow(thrown, isRefusal);\n',
      "      ending = { how: 'returned', result: thrown, enqueued: [] };\n",
    ],
    caughtBy: ['simulator'],
  },
  {
    name: 'a wake that comes before the sleep is lost',
    file: 'src/core/queue/latch.ts',
    replace: ['    this.#set = true;\n', ''],
    caughtBy: ['simulator'],
  },
  {
    name: 'outcomes are dropped when the store fails',
    file: 'src/core/work/not-arrived.ts',
    replace: ["attempts.again(sent, 'repeated', now);", 'for (const one of sent) attempts.remove(one);'],
    caughtBy: ['simulator'],
  },
  {
    name: 'a worker that is in doubt names only what has not begun',
    file: 'src/core/work/asking.ts',
    replace: ['held: attempts.held().map', "held: attempts.those('ready').map"],
    caughtBy: ['simulator'],
  },
  {
    name: 'a heartbeat vouches for what was claimed after it was sent',
    file: 'src/core/work/heartbeat.ts',
    replace: ['Math.min(at + leaseMs, this.#newUntil)', 'at + leaseMs'],
    caughtBy: ['test/unit/doubt.test.ts'],
  },
  {
    name: 'the heartbeat stops after the first beat',
    file: 'src/core/work/heartbeat.ts',
    replace: [
      '      this.#beating.onSure();\n    }\n    this.adjust();\n',
      '      this.#beating.onSure();\n    }\n',
    ],
    caughtBy: ['simulator'],
  },
  {
    name: 'the heartbeat leaves out what runs',
    file: 'src/core/work/beat.ts',
    replace: ['const held = runner.attempts.held();', "const held = runner.attempts.those('ready');"],
    caughtBy: ['simulator'],
  },
  {
    name: 'a handler that overstays its timeout overlaps its next attempt',
    file: 'src/core/work/runner.ts',
    replace: ['    if (!attempt.handlerEnded) this.#leave(attempt, now, false);\n', ''],
    caughtBy: ['simulator'],
  },
  {
    name: 'more handlers run than a name may run at a time',
    file: 'src/core/work/attempts.ts',
    replace: ['Math.max(0, most - this.countOf(name))', 'most'],
    caughtBy: ['simulator'],
  },
  {
    name: 'more handlers run than a worker has slots',
    file: 'src/core/work/runner.ts',
    replace: [
      'attempts.slotsTaken < this.#setup.concurrency',
      'attempts.slotsTaken <= this.#setup.concurrency',
    ],
    caughtBy: ['simulator'],
  },
  {
    name: 'one attempt more is made than is allowed',
    file: 'src/core/work/verdict.ts',
    replace: ['job.attempt >= maxAttempts', 'job.attempt > maxAttempts'],
    caughtBy: ['simulator'],
  },
  {
    name: 'a job that cannot be done is tried again',
    file: 'src/core/work/verdict.ts',
    replace: ["if (hasCode(thrown, 'DeadLetter') || ", 'if ('],
    caughtBy: ['simulator'],
  },
  {
    name: 'an enqueue is accepted before its commit',
    file: 'src/core/queue/committer.ts',
    replace: [
      'accept(groups, await send(jobs, sent, key));',
      "void send(jobs, sent, key).catch(() => undefined);\n      accept(groups, jobs.map(({ id }) => ({ id, status: 'enqueued' as const })));",
    ],
    caughtBy: ['simulator'],
  },
  {
    name: 'an enqueue whose answer was lost is repeated under another id',
    file: 'src/core/queue/committer.ts',
    replace: ['({ ...spec, known: true })', "({ ...spec, id: 'again ' + spec.id })"],
    caughtBy: ['simulator'],
  },
  {
    name: 'an enqueue whose answer was lost is repeated as if it were new',
    file: 'src/core/queue/committer.ts',
    replace: ['({ ...spec, known: true })', '({ ...spec })'],
    caughtBy: ['simulator'],
  },
  {
    name: 'what one object accepted of a call is sent again with what another refused',
    file: 'src/edge/partly-accepted.ts',
    replace: ['{ ...group, jobs, accept }', 'group'],
    caughtBy: ['test/unit/sharded-enqueues.test.ts'],
  },
  {
    name: 'answers go to the wrong ones of a group',
    file: 'src/core/queue/committer.ts',
    replace: ['    from += jobs.length;\n', ''],
    caughtBy: ['simulator'],
  },
  {
    name: 'a queue that is closed leaves a timer behind',
    file: 'src/core/work/worker.ts',
    replace: ['    for (const cancel of this.#cancelGraces) cancel();\n', ''],
    caughtBy: ['simulator'],
  },
  {
    name: 'a drain returns while its handlers run',
    file: 'src/core/work/worker.ts',
    replace: [
      'if (!this.#attempts.isEmpty) return false;',
      "if (!this.#attempts.isEmpty && this.#mode !== 'drain') return false;",
    ],
    caughtBy: ['simulator'],
  },
  {
    name: 'a worker reclaims when it starts and never again',
    file: 'src/core/work/reclaimer.ts',
    replace: ['|| this.#justWoke(now)) return;', '|| this.#lastAt > 0) return;'],
    caughtBy: ['simulator'],
  },
  {
    name: 'a closed gate lets jobs begin',
    file: 'src/core/features/gates/doors.ts',
    replace: ['    return open;\n', '    return true;\n'],
    caughtBy: ['test/unit/gates.test.ts'],
  },
  {
    name: 'a worker takes one job more than its maxJobs',
    file: 'src/core/work/worker.ts',
    replace: ['return maxJobs - completed', 'return maxJobs + 1 - completed'],
    caughtBy: ['test/unit/budget.test.ts'],
  },
  {
    name: 'outcomes for which there is no room go together again',
    file: 'src/core/work/not-arrived.ts',
    replace: [
      "attempts.again(isBlamed ? blamed : sent, 'alone', now);",
      "if (isBlamed) attempts.again(blamed, 'alone', now);",
    ],
    caughtBy: ['test/unit/store-errors.test.ts'],
  },
  {
    name: 'an outcome for which there is no room holds up the others',
    file: 'src/core/work/not-arrived.ts',
    replace: ["only.alone ? 'later' : 'alone'", "'alone'"],
    caughtBy: ['test/unit/store-errors.test.ts'],
  },
  {
    name: 'what an attempt came to keeps its slot although its job came back',
    file: 'src/core/work/attempts.ts',
    replace: [
      'takesSlot(attempt) && again.has(attempt.id)',
      "attempt.state === 'running' && again.has(attempt.id)",
    ],
    caughtBy: ['test/unit/chains.test.ts'],
  },
  {
    name: 'an outcome that is put off keeps no slot',
    file: 'src/core/work/attempts.ts',
    replace: ['return this.#running + this.#putOff;', 'return this.#running;'],
    caughtBy: ['test/unit/chains.test.ts'],
  },
  {
    name: 'an outcome is put off for longer when the clock is set back',
    file: 'src/core/work/attempts.ts',
    replace: ['now < putOff.at || ', ''],
    caughtBy: ['test/unit/chains.test.ts'],
  },
  {
    name: 'what a page that left has enqueued waits for a feature that was abandoned',
    file: 'src/core/kernel/abandon.ts',
    replace: ['if (!value?.uses.includes(feature)) continue;', 'if (value) continue;'],
    caughtBy: ['test/unit/leaving-pages.test.ts'],
  },
  {
    name: 'a worker hears of an enqueue when it is answered, and not before',
    file: 'src/core/queue/line.ts',
    replace: ["kind === 'enqueuer' && this.store.inOrder === true", 'false'],
    caughtBy: ['test/unit/sent-enqueues.test.ts'],
  },
  {
    name: 'a worker asks twice for what one enqueue brought',
    file: 'src/core/queue/context.ts',
    replace: ['hint !== undefined && !wasSent', 'hint !== undefined'],
    caughtBy: ['test/unit/sent-enqueues.test.ts'],
  },
  {
    name: 'one outcome that goes alone goes with others',
    file: 'src/core/work/attempts.ts',
    replace: [
      '      if (attempt.alone && sent.length > 0) break;\n      sent.push(attempt);\n      if (attempt.alone) break;\n',
      '      sent.push(attempt);\n',
    ],
    caughtBy: ['test/unit/store-errors.test.ts'],
  },
  {
    name: 'the jobs of an owner are those of the queue',
    file: 'src/core/queue/feature.ts',
    replace: [
      'stream === undefined ? all : subStream(all, stream)',
      "typeof stream === 'string' ? all : all",
    ],
    caughtBy: ['test/unit/owners.test.ts'],
  },
  {
    name: 'a queue closes its store under what it enqueues',
    file: 'src/core/queue/context.ts',
    replace: ['    await this.intake.settled();\n', ''],
    caughtBy: ['test/unit/closing.test.ts'],
  },
];
