/** In which order features come by where several hook into one place. One that is not here comes last. */
const ORDER: readonly string[] = [
  'limits',
  'flows',
  'keys',
  'drop',
  'results',
  'checkpoints',
  'schedules',
  'log',
  'middleware',
  'gates',
  'schema',
  'owner',
];

export function orderOf(name: string): number {
  const at = ORDER.indexOf(name);
  return at < 0 ? ORDER.length : at;
}
