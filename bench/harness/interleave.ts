import { tellStep } from './progress.ts';

/** Does the whole work once and answers what it measured. */
export type Contender<Figure> = () => Promise<Figure>;

/**
 * Runs all contenders one after the other, and that so often (A B A B …): a slow minute of the machine hits all of them. The warm-up
 * rounds are not counted. Each round begins with another one, so that nobody is always first after somebody.
 */
export async function interleave<Name extends string, Figure>(
  what: string,
  contenders: Readonly<Record<Name, Contender<Figure>>>,
  { runs, warmups = 1 }: { readonly runs: number; readonly warmups?: number },
): Promise<Record<Name, Figure[]>> {
  const names = Object.keys(contenders) as Name[];
  const figures = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Figure[]>;
  for (let round = -warmups; round < runs; round++) {
    const first = Math.max(0, round) % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      tellStep(`${what}: ${round < 0 ? 'warm-up' : `run ${round + 1} of ${runs}`}, ${name}`);
      const figure = await contenders[name]();
      if (round >= 0) figures[name].push(figure);
    }
  }
  return figures;
}
