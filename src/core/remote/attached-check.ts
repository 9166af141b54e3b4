import type { Attached } from '../kernel/job-row.ts';
import type { Feature } from '../queue/feature.ts';
import { checkKnown, checkPlain } from '../queue/options.ts';

/** Those that may attach something here. */
const attaching = (use: readonly Feature[]): string[] =>
  use.flatMap(({ name, context }) => (context === undefined ? [] : [name]));

/** What another feature attaches is refused: that costs nobody the lease, and whoever attached it hears that it is not stored. */
export const checkAttached = (what: string, given: unknown, use: readonly Feature[]): Attached =>
  checkKnown(what, checkPlain(what, given), attaching(use)) as Attached;

/** The same where a refusal would keep the job from ending. */
export function pickAttached(what: string, given: unknown, use: readonly Feature[]): Attached {
  const attached = checkPlain(what, given) as Attached;
  const known = attaching(use).filter((name) => Object.hasOwn(attached, name));
  return Object.fromEntries(known.map((name) => [name, attached[name]]));
}
