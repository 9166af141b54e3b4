/** What the inspector can do to a queue, each by a word: a host, or `inspector.actions`, leaves out what is not allowed. */
export type InspectorAction = 'retry' | 'discard' | 'run' | 'edit' | 'cancel' | 'pause' | 'schedules';

/** By action, the operations that a host has to serve for it. */
export const NEEDED: Readonly<Record<InspectorAction, readonly string[]>> = {
  retry: ['redrive'],
  discard: ['remove'],
  run: ['retryNow'],
  edit: ['edit'],
  cancel: ['cancel'],
  pause: ['pause', 'resume'],
  schedules: ['pauseSchedule', 'triggerSchedule'],
};

export const ALL_ACTIONS = Object.keys(NEEDED) as readonly InspectorAction[];

/** Those of `wanted` for which a host serves all that they need. Without a list of what it serves: all of `wanted`. */
export const allowedBy = (
  wanted: readonly InspectorAction[],
  served: readonly string[] | undefined,
): readonly InspectorAction[] =>
  served === undefined
    ? wanted
    : wanted.filter((action) => NEEDED[action].every((name) => served.includes(name)));

/** What became of several jobs, in words: `3 retried`, `2 retried, 1 duplicate`. */
export function tally(answers: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return (
    [...counts].map(([answer, times]) => `${times} ${WORDS[answer] ?? answer}`).join(', ') || 'Nothing to do'
  );
}

/** Answers of operations, as one reads them. */
const WORDS: Readonly<Record<string, string>> = {
  redriven: 'retried',
  removed: 'discarded',
  requested: 'asked to stop',
  finished: 'already ended',
  unknown: 'gone',
  'not-dead': 'not dead any more',
  duplicate: 'left, as a newer job has its key',
  blocked: 'left, as a job that it waits for is dead',
  unreadable: 'unreadable',
  live: 'still live',
  running: 'running already',
  'needs-feature': 'left, as this page lacks a feature of it',
};
