import type { ClosedTarget, EventName, QueueEvents } from '../core/index.ts';

/** What is said of an event, once for each `of` of a queue. */
export interface Line {
  readonly of: string;
  readonly text: string;
}

type Lines = { readonly [Name in EventName]?: (event: QueueEvents[Name]) => Line };

const LINES: Lines = {
  'job:retried': ({ job, error, counted }) => ({
    of: job.name,
    text: `an attempt at ${quoted(job.name)} failed and will be repeated${
      counted === false ? ', uncounted, as its server failed it' : ` (attempt ${error.attempt})`
    }: ${said(error)}`,
  }),
  'job:dead': ({ job, error }) => ({
    of: job.name,
    text: `a job ${quoted(job.name)} died: ${said(error)}. Dead jobs are kept: list(queue, { state: 'dead' }) shows them, redrive(queue, id) runs one again`,
  }),
  'target:closed': ({ target, reason }: ClosedTarget) => ({
    of: target,
    text: `nobody gets through to ${quoted(target)}: ${reason}. Its jobs wait, and one at a time finds out whether it is back`,
  }),
  'worker:error': ({ workerId, error }) => ({
    of: workerId === undefined ? 'listener' : 'store',
    text: `${workerId === undefined ? 'a listener, a gate or a middleware failed' : 'the store failed a worker, which tries again'}: ${said(error)}`,
  }),
  'lease:lost': ({ job }) => ({
    of: job.name,
    text: `a handler of ${quoted(job.name)} lost its lease while it ran: another worker may run the job beside it`,
  }),
  'store:blocked': () => ({
    of: '',
    text: 'the database stands still: another tab seems to be frozen, or keeps an older version open',
  }),
  'store:outdated': () => ({
    of: '',
    text: 'the database was upgraded by a newer version of the app: this page must be loaded anew',
  }),
  'store:lost': () => ({ of: '', text: 'the database was deleted while it was in use: its jobs are gone' }),
};

/** Undefined: nothing is said of such events. */
export function lineOf(name: string, event: object): Line | undefined {
  return Object.hasOwn(LINES, name) ? LINES[name as EventName]?.(event as never) : undefined;
}

/** What is said of jobs of a name that are due and have no worker. */
export const unhandledLine = (name: string): Line => ({
  of: name,
  text: `jobs ${quoted(name)} are due, and no worker here or elsewhere has a handler for them: work(queue, { ${quoted(name)}: … })`,
});

const quoted = (text: string): string => JSON.stringify(text);

function said(error: unknown): string {
  const { name = 'Error', message = String(error) }: { name?: string; message?: string } = Object(error);
  return `${name}: ${message}`;
}
