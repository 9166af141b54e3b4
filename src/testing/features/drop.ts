import { drop } from '../../core/features/drop/drop.ts';
import type { Policy } from '../../core/features/drop/victims.ts';
import type { Feature } from '../../core/queue/feature.ts';

/** How the page makes room. Absent: it does not. */
export interface Dropping {
  readonly drops?: Policy;
}

/** The features of a page that makes room so; the same ones, if it is not said. */
export const withDrop = (use: readonly Feature[], { drops }: Dropping): readonly Feature[] =>
  drops === undefined ? use : [...use, drop(drops)];
