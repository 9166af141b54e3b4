import type { Job } from '../kernel/job.ts';
import type { Explanation, ListAnswer } from '../kernel/messages.ts';

type Redact = (job: Job) => unknown;

/** Where answers carry jobs that their caller only reads. What a schedule brings is like a job that is not there yet. */
const READ: Readonly<Record<string, (answer: never, redact: Redact) => unknown>> = {
  get: (job: Job, redact) => redact(job),
  list: ({ jobs, ...page }: ListAnswer, redact) => ({ ...page, jobs: jobs.map(redact) }),
  explain: ({ job, ...found }: Explanation, redact) => ({ ...found, job: redact(job) }),
  listSchedules: (schedules: readonly Job[], redact) => schedules.map(redact),
};

export function redacted(call: string, answer: unknown, redact: Redact): unknown {
  const read = Object.hasOwn(READ, call) ? READ[call] : undefined;
  return read === undefined || answer === undefined ? answer : read(answer as never, redact);
}
