import type { Behaviour, ServedNote, ServerLog } from '../server/protocol.ts';

/** How the demo's server can be told to behave, as the page offers it. */
export const MOODS = {
  normal: { mode: 'normal' },
  slow: { mode: 'normal', slowMs: 5_000 },
  down: { mode: 'down' },
  fail: { mode: 'fail' },
  busy: { mode: 'busy', retryAfterS: 5 },
  reject: { mode: 'reject' },
} as const satisfies Record<string, Behaviour>;

export type Mood = keyof typeof MOODS;

export const isMood = (name: string): name is Mood => Object.hasOwn(MOODS, name);

export function moodOf({ mode, slowMs }: Behaviour): Mood {
  return mode === 'normal' && slowMs !== undefined ? 'slow' : mode;
}

/** What the server has seen lately. */
export async function readServer(): Promise<ServerLog> {
  const response = await fetch('/api/log?limit=50');
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return (await response.json()) as ServerLog;
}

export async function setMood(mood: Mood): Promise<void> {
  const response = await fetch('/api/behaviour', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(MOODS[mood]),
  });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
}

export async function readServedNotes(): Promise<readonly ServedNote[]> {
  const response = await fetch('/api/notes');
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return ((await response.json()) as { notes: ServedNote[] }).notes;
}
