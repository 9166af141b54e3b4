import { refusalOf } from '../queue/refusal.ts';
import type { Leases } from './heartbeat.ts';
import { extending } from './lease-operations.ts';
import type { Runner } from './runner.ts';
import type { WorkerSetup } from './worker-setup.ts';

/** Extends all leases that the runner holds, and hears which are lost and which are to be cancelled. Rejects as the store does. */
export async function beat({ run, leaseMs }: WorkerSetup, workerId: string, runner: Runner): Promise<void> {
  const { attempts } = runner;
  const leases = attempts.takeLeases();
  const extend = (some: Leases) => run(extending, { workerId, leases: some, leaseMs });
  try {
    const answers = await extend(leases).then(
      (all) => {
        attempts.arrived(leases);
        return all;
      },
      (error) => {
        if (refusalOf(error) === undefined || !leases.some(isLoaded)) throw error;
        attempts.keepProgress(leases);
        return extend(leases.map(({ progress: _, attach: __, ...lease }) => lease)); // What is not stored costs nobody the lease.
      },
    );
    runner.lose(leases.filter((_, i) => answers[i] === 'stale'));
    for (const [i, lease] of leases.entries()) if (answers[i] === 'cancelRequested') runner.cancel(lease.id);
    runner.giveBackIds(leases.filter((_, i) => answers[i] === 'goesBack').map(({ id }) => id));
  } catch (error) {
    attempts.keepProgress(leases);
    throw error;
  }
}

const isLoaded = (lease: Leases[number]): boolean => 'progress' in lease || 'attach' in lease;
