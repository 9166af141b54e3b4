/** A slip of the finger is at most so many letters. */
const MAX_DISTANCE = 2;

/** ` (did you mean "delayMs"?)`: the known word that is nearest to what was given, if it is near; else nothing. */
export function didYouMean(given: string, known: readonly string[]): string {
  const near = known
    .map((word) => ({ word, distance: distanceOf(given, word) }))
    .filter(({ word, distance }) => distance <= MAX_DISTANCE && distance < word.length)
    .sort((a, b) => a.distance - b.distance)[0];
  return near === undefined ? '' : ` (did you mean ${JSON.stringify(near.word)}?)`;
}

/** Letters to change, add or leave out (Levenshtein), whatever their case; for what is far apart, more than the most. */
function distanceOf(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > MAX_DISTANCE) return MAX_DISTANCE + 1;
  const [from, to] = [one.toLowerCase(), other.toLowerCase()];
  let above = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let row = 1; row <= from.length; row++) {
    const here = [row];
    for (let column = 1; column <= to.length; column++) {
      const changed = from[row - 1] === to[column - 1] ? 0 : 1;
      const [left = 0, up = 0, corner = 0] = [here[column - 1], above[column], above[column - 1]];
      here.push(Math.min(left + 1, up + 1, corner + changed));
    }
    above = here;
  }
  return above[to.length] ?? 0;
}
