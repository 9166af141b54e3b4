import type { Logger } from './logger.ts';

/** What a build for development has more: `src/development`. */
export interface Development {
  /** What to add to the error for an option that there is not: what may have been meant. */
  didYouMean(given: string, known: readonly string[]): string;
  /** The logger of a queue (`Queue`): the one that it was given, or another. From now on its `on` refuses events that there are not. */
  loggerFor(queue: object, given: Logger | undefined): Logger;
}

/**
 * This file is that of production. Whoever bundles with the condition `development` gets `src/development` in its place: see `imports` of
 * package.json, and vite.config.ts.
 */
export const development: Development | undefined = undefined;
