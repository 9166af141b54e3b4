import type { Claims } from '../../core/kernel/claims-row.ts';
import { findStream } from '../../core/kernel/control.ts';
import type { Control } from '../../core/kernel/control-row.ts';
import { before, isSameNeeds } from '../../core/kernel/order.ts';
import type { Place, Position } from '../../core/kernel/place.ts';

/**
 * Splits places of leases that ended into runs with nothing in between. Every row at or below a stream's low water is claimed or gone
 * (and all rows, of a stream in which nothing waits), so only other leases can lie between two of them.
 */
export function neighbours(
  places: readonly Place[],
  control: Control,
  claims: readonly Claims[],
): readonly (readonly Place[])[] {
  const held = byStream(claims.flatMap(({ leases }) => leases));
  return byStream(places).flatMap(({ of, places: own }) => {
    const others = held.find((stream) => isOf(stream, of))?.places ?? [];
    return runs(own, others, findStream(control, of, of.due !== 0)?.low);
  });
}

/** Places of one stream, in order. `of`: one of them. */
interface OfStream {
  readonly of: Place;
  readonly places: Place[];
}

function byStream(places: readonly Place[]): OfStream[] {
  const streams: OfStream[] = [];
  for (const place of places) {
    const those = streams.find((stream) => isOf(stream, place));
    if (those === undefined) streams.push({ of: place, places: [place] });
    else those.places.push(place);
  }
  for (const those of streams) those.places.sort((a, b) => (before(a, b) ? -1 : 1));
  return streams;
}

const isOf = ({ of }: OfStream, place: Place): boolean =>
  of.name === place.name &&
  of.version === place.version &&
  of.rank === place.rank &&
  of.target === place.target &&
  isSameNeeds(of.needs, place.needs) &&
  (of.due === 0) === (place.due === 0);

function runs(places: readonly Place[], others: readonly Place[], low: Position | undefined): Place[][] {
  const found: Place[][] = [];
  let run: Place[] | undefined;
  let passed = 0;
  for (const place of places) {
    const from = passed;
    while (passed < others.length && before(others[passed] as Place, place)) passed += 1;
    const isAlone = low !== undefined && before(low, place);
    if (run === undefined || passed > from || isAlone) {
      run = [];
      found.push(run);
    }
    run.push(place);
  }
  return found;
}
