import type { Feature } from '../core/queue/feature.ts';

/** All features that have no setting of their own that a test would have to know: what tests of stores and of rules have in use. */
export const everyFeature = (): readonly Feature[] => [];
