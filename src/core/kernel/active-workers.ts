import type { Claims } from './claims-row.ts';
import type { ActiveWorker, WorkersAnswer } from './messages.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';
import { workedNames } from './worked.ts';

/** No answer has more of either. */
const MOST = 100;

/** Who has claimed jobs, and which names are worked. Reads two rows of the queue and one a worker, however many jobs there are. */
export function* activeWorkers(rows: Rows, now: number): Step<WorkersAnswer> {
  const control = yield* read(rows.control());
  const workers = (yield* read(rows.claims())).filter(({ leases }) => leases.length > 0).map(shown);
  workers.sort((a, b) => (a.since ?? 0) - (b.since ?? 0) || (a.workerId < b.workerId ? -1 : 1));
  return { workers: workers.slice(0, MOST), names: control === undefined ? [] : workedNames(control, now) };
}

function shown({ workerId, since, leases }: Claims): ActiveWorker {
  const jobs = leases.slice(0, MOST).map(({ id, name }) => ({ id, name }));
  const seenAt = Math.max(...leases.map(({ until, leaseMs }) => until - leaseMs));
  const worker = { workerId, seenAt, active: leases.length, jobs };
  return since === undefined ? worker : { ...worker, since };
}
