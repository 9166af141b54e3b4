import { inTime } from '../badge.ts';
import { byId, setHidden, setText } from '../element.ts';
import { isOnline, type Model, unsent } from '../model.ts';
import type { Phase, ShownJob } from '../queue-snapshot.ts';

const PHASES: readonly Phase[] = ['waiting', 'running', 'retrying', 'dead'];

/** The head of the queue's panel, and the pill in the bar that says the same in fewer words. */
export function createSyncPanel(
  toggle: () => void,
  isShown: () => boolean,
  tryNow: () => void,
): (model: Model) => void {
  const pill = byId('sync-toggle', HTMLButtonElement);
  pill.addEventListener('click', toggle);
  byId('sync-close', HTMLButtonElement).addEventListener('click', toggle);
  const heading = byId('sync-heading', HTMLHeadingElement);
  const now = byId('try-now', HTMLButtonElement);
  now.addEventListener('click', tryNow);
  const numbers = PHASES.map((phase) => [phase, byId(`count-${phase}`, HTMLElement)] as const);

  return (model) => {
    const { counts } = model.queue;
    for (const [phase, element] of numbers) {
      setText(element, String(counts[phase]));
      element.parentElement?.toggleAttribute('data-some', counts[phase] > 0);
    }
    const short = shortWords(model);
    setText(byId('sync-words', HTMLSpanElement), short.words);
    pill.dataset.kind = short.kind;
    pill.ariaExpanded = String(isShown());
    pill.ariaLabel = `Sync queue: ${short.words}`;
    setText(byId('sync-summary', HTMLSpanElement), summary(model));
    const nothingToTry =
      !isOnline(model) || unsent(model) === 0 || !(model.queue.down || counts.retrying > 0);
    setHidden(now, nothingToTry, heading);
  };
}

const changes = (count: number): string => (count === 1 ? '1 change' : `${count} changes`);

function shortWords(model: Model): { kind: string; words: string } {
  const { dead, retrying } = model.queue.counts;
  if (model.queue.at === 0) return { kind: 'waiting', words: 'Opening…' };
  if (!isOnline(model))
    return { kind: 'offline', words: unsent(model) > 0 ? `Offline · ${unsent(model)}` : 'Offline' };
  if (model.queue.down && unsent(model) > 0)
    return { kind: 'offline', words: `Server down · ${unsent(model)}` };
  if (dead > 0) return { kind: 'dead', words: `${dead} stuck` };
  if (retrying > 0) return { kind: 'retrying', words: 'Trying again' };
  if (unsent(model) > 0) return { kind: 'running', words: 'Syncing' };
  return { kind: 'synced', words: 'Synced' };
}

/** What is going on, in a sentence. */
function summary(model: Model): string {
  const { counts, jobs, at, down } = model.queue;
  const count = unsent(model);
  if (at === 0) return 'Opening…';
  if (!isOnline(model)) {
    if (count === 0) return 'Offline. What you write stays on this device until you are back.';
    return `Offline. ${changes(count)} will go out when you are back.`;
  }
  if (down && count > 0)
    return `${WHY_DOWN[down.reason] ?? 'The server fails.'} ${changes(count)} ${count === 1 ? 'is' : 'are'} safe here. Next try ${inTime(down.nextTryAt, model.now)}.`;
  if (counts.dead > 0 && count === 0)
    return `${whyDead(jobs)} ${changes(counts.dead)}. Retry when it is mended, or discard.`;
  const next = jobs.find(({ phase }) => phase === 'retrying');
  if (next !== undefined && counts.running === 0)
    return `The server did not take ${changes(counts.retrying)}. Next try ${inTime(next.runAt, model.now)}.`;
  if (model.host === 'killed' && count > 0) return `${changes(count)} to send, and the worker is gone.`;
  if (count > 0) return `Sending ${changes(count)}…`;
  return model.notes?.length === 0 ? 'There is nothing to send.' : 'Everything is on the server.';
}

/** By the reason that the queue has. */
const WHY_DOWN: Readonly<Record<string, string>> = {
  network: 'The server cannot be reached.',
  timeout: 'The server does not answer.',
  server: 'The server is down.',
  portal: 'This network wants a sign-in first.',
  'signed-out': 'You are signed out.',
  busy: 'The server is busy.',
};

const whyDead = (jobs: readonly ShownJob[]): string =>
  jobs.every(({ phase, lastError }) => phase !== 'dead' || lastError?.name === 'DeadLetterError')
    ? 'The server refused'
    : 'Too many tries failed for';
