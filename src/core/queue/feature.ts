import { InvalidOptionError } from '../kernel/errors.ts';
import type { Hooks } from '../kernel/features.ts';
import { checkList } from './options.ts';

/** What a queue can do beyond the kernel: made by a function of the package, say `log({ size: 100 })`, and given to `use`. */
export interface Feature extends Hooks {
  /** As rows name it. */
  readonly name: string;
  /** Its place among the others: see `features/order.ts`. */
  readonly order: number;
}

const MAX_FEATURES = 100;

/** Those of `use`, in their order. Throws InvalidOptionError. */
export function checkUse(use: readonly Feature[] = []): readonly Feature[] {
  const features = checkList('use', use, MAX_FEATURES);
  const names = new Set<string>();
  for (const [i, feature] of features.entries()) {
    const { name, order }: Partial<Feature> = Object(feature);
    if (typeof name !== 'string' || typeof order !== 'number')
      throw new InvalidOptionError(`use[${i}]`, feature, 'a feature, such as log({ size: 100 })');
    if (names.has(name)) throw new InvalidOptionError(`use[${i}]`, name, 'each feature once');
    names.add(name);
  }
  return [...features].sort((a, b) => a.order - b.order);
}
