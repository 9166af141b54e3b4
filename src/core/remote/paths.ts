type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** A copy in which what lies at these paths (`until`, `jobs[].runAt`, `spared{}`) is another; where nothing lies, nothing is changed. */
export function changeAt<T>(
  value: T,
  paths: readonly string[] | undefined,
  change: (at: unknown) => unknown,
): T {
  return (paths ?? []).reduce((changed, path) => follow(changed, path.split('.'), change) as T, value);
}

function follow(value: unknown, path: readonly string[], change: (at: unknown) => unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  const [, key = '', many] = /^(.*?)(\[\]|\{\})?$/.exec(step) ?? [];
  const found = isFields(value) ? value[key] : undefined;
  if (found === undefined) return value;
  const { [key]: _, ...others } = value as Fields;
  const next =
    many === undefined ? follow(found, rest, change) : each(found, (one) => follow(one, rest, change));
  return next === undefined ? others : { ...others, [key]: next };
}

function each(value: unknown, act: (item: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(act);
  return isFields(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, act(item)]))
    : value;
}

/** The greatest instant a Date can hold. */
const MAX_INSTANT = 8.64e15;

/** Moves an instant from one clock to another. What is no number is left to whoever checks it. */
export const movedBy =
  (ms: number) =>
  (at: unknown): unknown =>
    typeof at === 'number' ? Math.max(-MAX_INSTANT, Math.min(MAX_INSTANT, at + ms)) : at;

export const leftOut = (): undefined => undefined;
