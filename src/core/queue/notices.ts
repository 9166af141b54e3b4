import type { Counts } from '../kernel/messages.ts';
import type { EnqueueStore, StoreNotice } from '../kernel/store.ts';
import type { Emitter, HeldJob } from './emitter.ts';

/** What this context knows of the queue, for whoever must hear that it is lost. */
export interface Known {
  readonly jobs: readonly HeldJob[];
  readonly counts: Counts | undefined;
}

/** Emits what the store says of itself as events of the queue of this name; returns the clean-up. */
export function emitNotices(
  store: Pick<EnqueueStore, 'onNotice'>,
  emitter: Emitter,
  queue: string,
  known: () => Known,
): () => void {
  const emit = (notice: StoreNotice): void => {
    if (notice.kind === 'lost') {
      const { jobs, counts } = known();
      emitter.emit('store:lost', { queue, jobs, ...(counts && { counts }) });
      return;
    }
    if (notice.kind === 'blocked') emitter.emit('store:blocked', { queue, waitedMs: notice.waitedMs });
    else emitter.emit('store:outdated', { queue });
  };
  return store.onNotice?.(emit) ?? (() => undefined);
}
