import { isHidden, listen } from './listen.ts';
import { type SyncGate, when } from './when.ts';

/**
 * Open while somebody may see the page: for work that is of use to nobody else, as fetching what is shown. A hidden, frozen or prerendered
 * page keeps its jobs waiting, and other tabs may take them. Open where there is no `document`: in workers, which do not know who looks at
 * their page, in service workers and in server-side rendering.
 *
 * @example
 * const use = [gates({ 'thumbnail.load': visible() })];
 */
export function visible(): SyncGate {
  return when(
    () => !isHidden(),
    (changed) => listen(globalThis.document, ['visibilitychange'], changed),
  );
}
