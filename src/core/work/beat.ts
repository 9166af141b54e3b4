import type { Draft } from '../kernel/job.ts';
import type { ExtendRequest } from '../kernel/messages.ts';
import { refusalOf } from '../queue/refusal.ts';
import type { Attempt } from './attempt.ts';
import { extending } from './lease-operations.ts';
import type { Runner } from './runner.ts';
import type { WorkerSetup } from './worker-setup.ts';

type Lease = ExtendRequest['leases'][number];

/** Extends all leases that the runner holds, and hears which are lost and which are to be cancelled. Rejects as the store does. */
export async function beat({ run, leaseMs }: WorkerSetup, workerId: string, runner: Runner): Promise<void> {
  const held = runner.attempts.held();
  const leases = held.map(leaseOf);
  const extend = (some: readonly Lease[]) => run(extending, { workerId, leases: some, leaseMs });
  const answers = await extend(leases).then(
    (all) => {
      held.forEach((attempt, i) => {
        attempt.arrived(leases[i] as Lease);
      });
      return all;
    },
    (error) => {
      if (refusalOf(error) === undefined || !leases.some(isLoaded)) throw error;
      return extend(leases.map(({ progress: _, attach: __, ...lease }) => lease)); // What is not stored costs nobody the lease.
    },
  );
  const answered = (answer: string) => held.filter((_, i) => answers[i] === answer);
  runner.lose(answered('stale'));
  for (const attempt of answered('cancelRequested')) runner.cancel(attempt);
  const back = new Set(answered('goesBack'));
  runner.giveBack((attempt) => back.has(attempt));
}

/** With the progress and what is attached, for as long as that is not known to be stored. */
function leaseOf({ id, state, progress, attached, claimed }: Attempt): Lease {
  const lease: Draft<Lease> = { id, fence: claimed.fence };
  if (state === 'ready') lease.unbegun = true;
  if (state !== 'running') return lease;
  if (progress !== undefined) lease.progress = progress;
  if (attached !== undefined) lease.attach = attached;
  return lease;
}

const isLoaded = (lease: Lease): boolean => 'progress' in lease || 'attach' in lease;
