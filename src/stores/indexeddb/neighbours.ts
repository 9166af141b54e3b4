import type { Claims } from '../../core/kernel/claims-row.ts';
import { streamKey } from '../../core/kernel/control.ts';
import type { Control } from '../../core/kernel/control-row.ts';
import { before } from '../../core/kernel/order.ts';
import type { Place, Position } from '../../core/kernel/place.ts';

/**
 * Splits places of leases that ended into runs with nothing in between. Every row at or below a stream's low water is claimed or gone
 * (and all rows, of a stream in which nothing waits), so only other leases can lie between two of them.
 */
export function neighbours(
  places: readonly Place[],
  { streams }: Control,
  claims: readonly Claims[],
): readonly (readonly Place[])[] {
  const ended = byStream(places);
  const held = byStream(claims.flatMap(({ leases }) => leases));
  return [...ended].flatMap(([stream, own]) => runs(own, held.get(stream) ?? [], streams[stream]?.low));
}

function byStream(places: readonly Place[]): Map<string, Place[]> {
  const streams = new Map<string, Place[]>();
  for (const place of places) {
    const key = streamKey(place, place.due !== 0);
    const those = streams.get(key);
    if (those === undefined) streams.set(key, [place]);
    else those.push(place);
  }
  for (const those of streams.values()) those.sort((a, b) => (before(a, b) ? -1 : 1));
  return streams;
}

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
