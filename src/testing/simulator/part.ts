import { checkpoints } from '../../core/features/checkpoints/checkpoints.ts';
import { drop } from '../../core/features/drop/drop.ts';
import { flows } from '../../core/features/flows/flows.ts';
import { keys } from '../../core/features/keys/keys.ts';
import { limits } from '../../core/features/limits/limits.ts';
import { results } from '../../core/features/results/results.ts';
import { schedules } from '../../core/features/schedules/schedules.ts';
import type { DropPolicy, KeepRules } from '../../core/index.ts';
import type { Feature } from '../../core/queue/feature.ts';
import type { Limits } from './limit-rules.ts';
import type { Random } from './random.ts';

/** What a context may have in use, or not; and each of them a deploy may take away for good: what it leaves, `abandon` clears. */
export const FEATURES = [
  'limits',
  'flows',
  'keys',
  'drop',
  'results',
  'checkpoints',
  'schedules',
  'gates',
] as const;

/** The features that a context has in use, and their settings. What it lacks it does not have the settings of. */
export interface Part {
  readonly features: ReadonlySet<string>;
  readonly limits: Limits;
  readonly keep: KeepRules;
  readonly drops: DropPolicy | undefined;
}

/** All of them. */
export const wholePart = (settings: Omit<Part, 'features'>): Part => ({
  ...settings,
  features: new Set(FEATURES),
});

/** Some contexts have all, and some of those that have limits have not each of them. */
export function nextPart(random: Random, whole: Part): Part {
  if (random.chance(0.3)) return whole;
  const features = new Set<string>(FEATURES.filter(() => random.chance(0.65)));
  const left = random.chance(0.3) ? withoutOne(random, whole.limits) : whole.limits;
  return {
    features,
    limits: features.has('limits') ? left : { byName: {} },
    keep: features.has('results') ? whole.keep : {},
    drops: features.has('drop') ? whole.drops : undefined,
  };
}

function withoutOne(random: Random, { byName, maxActive }: Limits): Limits {
  const without = random.pick([...Object.keys(byName), '']);
  const names = Object.entries(byName).filter(([name]) => name !== without);
  return {
    byName: Object.fromEntries(names),
    ...(maxActive === undefined || without === '' ? {} : { maxActive }),
  };
}

/** The part without a feature. */
export function partWithout(part: Part, feature: string | undefined): Part {
  if (feature === undefined || !part.features.has(feature)) return part;
  return {
    features: new Set([...part.features].filter((name) => name !== feature)),
    limits: feature === 'limits' ? { byName: {} } : part.limits,
    keep: feature === 'results' ? {} : part.keep,
    drops: feature === 'drop' ? undefined : part.drops,
  };
}

/** Those of them that this package has; who makes the queue adds gates. */
export function useOf({ features, limits: { byName, ...ofQueue }, keep, drops }: Part): Feature[] {
  const made: Readonly<Record<string, () => Feature | undefined>> = {
    flows,
    checkpoints,
    limits: () => limits(byName, ofQueue),
    keys,
    results: () => results(keep),
    schedules,
    drop: () => (drops === undefined ? undefined : drop(drops)),
  };
  return Object.entries(made).flatMap(([name, make]) => (features.has(name) ? (make() ?? []) : []));
}

/** As a trace tells it. */
export function describePart({ features, limits: own }: Part, whole: Part): string {
  const lacks = FEATURES.filter((name) => !features.has(name));
  const isLess = features.has('limits') && marksOf(own).length < marksOf(whole.limits).length;
  const without = [...lacks, ...(isLess ? ['one of the limits'] : [])];
  return without.length === 0 ? '' : `, without ${without.join(', ')}`;
}

/** The names to which it sets a limit over all contexts; '' is all. */
export const marksOf = ({ byName, maxActive }: Limits): string[] => [
  ...(maxActive === undefined ? [] : ['']),
  ...Object.keys(byName),
];
