import type { Toll } from './fault-run.ts';
import type { Told } from './messages.ts';
import type { Place, Plan } from './plan.ts';
import type { Figures } from './witness.ts';

/** What became of one place. */
export interface Result extends Figures {
  readonly place: Place;
  readonly plan: Plan;
  readonly toll: Toll;
  readonly durationMs: number;
  /** What went wrong beside the faults that were made, each with how often. */
  readonly told: Readonly<Record<string, number>>;
  /** Why the run itself broke off, if it did before its bound. */
  readonly broken?: string;
}

/** Nothing is lost, nothing invented, and all that was planned is done in time. */
export const isGood = (result: Result): boolean => verdict(result) === 'good';

/** `late`: what was begun is done, but less was begun than planned, as the machine was too slow. */
function verdict({
  plan,
  toll,
  accepted,
  finished,
  lost,
  invented,
  broken,
}: Result): 'good' | 'late' | 'BAD' {
  if (!finished || lost.length > 0 || invented.length > 0 || broken !== undefined) return 'BAD';
  return accepted === plan.jobs && toll.kills === plan.kills ? 'good' : 'late';
}

/** Counts what is told by what it says: ids and addresses differ, the complaint is the same. */
export class Complaints {
  readonly counted: Record<string, number> = {};

  readonly add = ({ what }: Told): void => {
    const text = what.slice(0, 200);
    this.counted[text] = (this.counted[text] ?? 0) + 1;
  };
}

/** How many ids a report names. */
const NAMED = 10;

export function asText(results: readonly Result[], seed: number): string {
  const rows: [string, (result: Result) => string | number][] = [
    ['', ({ place }) => place],
    ['jobs planned', ({ jobs }) => jobs],
    ['accepted', ({ accepted }) => accepted],
    ['effects seen', ({ effects }) => effects],
    ['duplicates', ({ duplicates }) => duplicates],
    ['lost', ({ lost }) => lost.length],
    ['invented', ({ invented }) => invented.length],
    ['longest stall, ms', ({ longestStallMs }) => longestStallMs],
    ['restart to first effect, ms: median', ({ resumesMs }) => median(resumesMs)],
    ['                             longest', ({ resumesMs }) => Math.max(0, ...resumesMs)],
    ['restarts with work waiting', ({ resumesMs }) => resumesMs.length],
    ['tabs crashed', ({ toll }) => toll.crashes],
    [
      'mean time between crashes, ms',
      ({ toll, durationMs }) => (toll.crashes === 0 ? '-' : Math.round(durationMs / toll.crashes)),
    ],
    ['processes killed', ({ toll }) => toll.kills],
    ['left in the store', left],
    ['all that was begun is done', ({ finished }) => (finished ? 'yes' : 'NO')],
    ['duration, s', ({ durationMs }) => (durationMs / 1_000).toFixed(1)],
    ['verdict', verdict],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, cell]) =>
    [name.padEnd(width), ...results.map((result) => String(cell(result)).padStart(12))].join('  '),
  );
  return [...lines, ...results.flatMap(remarks), `seed ${seed}`].join('\n');
}

function left({ counts }: Result): string {
  if (counts === undefined) return 'unknown';
  const { pending, active, dead } = counts;
  return pending + active + dead === 0 ? 'nothing' : `${pending}p ${active}a ${dead}d`;
}

function remarks({ place, lost, invented, broken, told }: Result): string[] {
  const named = (what: string, ids: readonly string[]) =>
    ids.length === 0
      ? []
      : [`${place}: ${what} ${ids.slice(0, NAMED).join(', ')}${ids.length > NAMED ? ', …' : ''}`];
  return [
    ...named('lost', lost),
    ...named('invented', invented),
    ...(broken === undefined ? [] : [`${place}: broke off: ${broken}`]),
    ...Object.entries(told).map(([what, times]) => `${place}: told ${times} times: ${what}`),
  ];
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
