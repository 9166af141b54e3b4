import type { ClaimRequest } from '../kernel/messages.ts';
import type { Context } from '../queue/context.ts';
import type { EventName } from '../queue/emitter.ts';
import type { Feature } from '../queue/feature.ts';

/** What a feature does in the loop of one worker. */
export interface WorkPart {
  /** The feature's. */
  readonly name: string;
  /** When `run` has something to do; undefined: not before a claim says so. */
  readonly nextAt: number | undefined;
  /** `run` was not in vain the last time. */
  readonly isPromising: boolean;
  /** Events that say that it has done something. */
  readonly signs: readonly EventName[];
  /** What a claim is to say of it, see `ClaimRequest.asks`: of the names that are open, with the versions understood. */
  ask(versions: Readonly<Record<string, number>>): unknown;
  /** What a claim was told, see `ExchangeAnswer.asked`. */
  heard(nextAt: number | undefined): void;
  /** Before an exchange, when its time has come. Never rejects. */
  run(): Promise<void>;
  /** The data of the queue begin, or begin anew, in a place where no worker need start. */
  begin(): void;
}

/** Makes one for a worker. `tell`: of what fails, and is no job's failure. */
export type MakeWorkPart = (tell: (error: unknown) => void) => WorkPart;

/** A feature with a part in the loop. */
export interface WorkFeature extends Feature {
  /** Throws InvalidOptionError for what the queue was given. */
  works?(context: Context): MakeWorkPart;
}

/** Those of the features in use. Throws InvalidOptionError. */
export function workPartsOf(context: Context): readonly MakeWorkPart[] {
  const features: readonly WorkFeature[] = context.setup.use;
  return features.flatMap((feature) => feature.works?.(context) ?? []);
}

/** What claims say of them. */
export function asksOf(
  parts: readonly WorkPart[],
  versions: Readonly<Record<string, number>>,
): Pick<ClaimRequest, 'asks'> {
  if (parts.length === 0) return {};
  return { asks: Object.fromEntries(parts.map((part) => [part.name, part.ask(versions)])) };
}
