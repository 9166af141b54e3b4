import type { WorkerSetup } from './worker-setup.ts';

/** How long a worker waits for the proof of its life before it works without. */
const PROOF_MS = 3_000;

/**
 * Has the store prove that this worker lives, and answers what ends the proof. One that does not come in time is done without:
 * leases alone decide then. Never rejects.
 */
export async function proveLife(
  { line, environment }: Pick<WorkerSetup, 'line' | 'environment'>,
  workerId: string,
  onError: (error: unknown) => void,
): Promise<() => void> {
  let letGo = (): void => undefined;
  let over = false;
  const proven = line.signOfLife?.(workerId).then((end) => {
    if (over) end();
    else letGo = end;
  }, onError);
  if (proven !== undefined) {
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = environment.setTimer(resolve, PROOF_MS);
    });
    await Promise.race([proven, late]);
    cancel();
  }
  return () => {
    over = true;
    letGo();
  };
}
