import { explain as explainJob } from '../kernel/explain.ts';
import type { Job, JobId } from '../kernel/job.ts';
import type { ExplainRequest, Explanation, Wait } from '../kernel/messages.ts';
import type { Definitions, JobOf } from '../queue/definitions.ts';
import { runsOf } from '../queue/part.ts';
import { type CallerOf, callable, type Host, type PublicOperation } from '../queue/queue-operation.ts';
import { checkId } from './check-ids.ts';

export const explaining: PublicOperation<ExplainRequest, Explanation | undefined> = {
  name: 'explain',
  kind: 'reader',
  check: checkId,
  amend: ({ id }) => ({ id, asksWorkers: true }),
  rule: (request) => (rows, now) => explainJob(rows, request, now),
  finish: (found, host) => {
    if (found?.job.state !== 'pending') return found;
    const waits = found.waits.filter(({ why }) => why !== 'no-worker');
    const isWorked = waits.length === found.waits.length;
    return { job: found.job, waits: [...waits, ...waitsHere(found.job, host, isWorked)] };
  },
};

/** `isWorked`: somebody elsewhere runs its name. */
function waitsHere({ id, name, version }: Job, host: Host, isWorked: boolean): Wait[] {
  const definition = Object.hasOwn(host.jobs, name) ? host.jobs[name] : undefined;
  if (definition === undefined) return [{ why: 'unknown-name' }];
  const waits: Wait[] = [];
  const understood = definition.version ?? 1;
  if (version > understood) waits.push({ why: 'newer-version', version, understood });
  const parts = [...host.parts.values()];
  const running = runsOf(parts.map((part) => part.runs?.(name)));
  if (running === undefined && !isWorked) waits.push({ why: 'no-worker' });
  if (running !== undefined && running !== true) waits.push(running);
  const since = parts.map((part) => part.stuckSince?.(id)).find((at) => at !== undefined);
  if (since !== undefined) waits.push({ why: 'still-running', since });
  return waits;
}

/**
 * Returns why a waiting job is not running: pauses, holds, its time, its lane, an outage, and what this context knows (gate, version, name, no
 * worker).
 *
 * @example
 * const { waits } = (await explain(queue, id)) ?? { waits: [] };
 * if (waits.some(({ why }) => why === 'gate')) show('waits for the network');
 *
 * @returns undefined for a job that completed, was cancelled or removed, or was never there
 * @throws InvalidOptionError for an invalid id; StoreError, StoreClosedError
 */
export const explain = /* @__PURE__ */ callable(
  [explaining],
  async <Jobs extends Definitions = Definitions, Name extends keyof Jobs & string = keyof Jobs & string>(
    queue: CallerOf<Jobs>,
    id: string | JobId<Name>,
  ): Promise<Explanation<JobOf<Jobs, Name>> | undefined> =>
    (await queue.call(explaining, { id })) as Explanation<JobOf<Jobs, Name>> | undefined,
);
