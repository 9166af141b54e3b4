import { ago, inTime } from '../badge.ts';
import { adviceFor, causeOf } from '../causes.ts';
import { byId, holdFocus, make, setHidden, setText, syncChildren } from '../element.ts';
import { isOnline, type Model } from '../model.ts';
import type { ShownJob } from '../queue-snapshot.ts';

export interface JobListActions {
  retry(ids: readonly string[]): void;
  discard(id: string): void;
}

/** More rows than this say nothing more. */
const ROWS = 60;

/** The jobs of the queue: what runs, what waits for its next try, what waits, what is dead. */
export function createJobList(actions: JobListActions): (model: Model) => void {
  const list = byId('job-list', HTMLUListElement);
  const retryAll = byId('retry-all', HTMLButtonElement);
  const heading = byId('jobs-heading', HTMLHeadingElement);
  const note = byId('jobs-note', HTMLParagraphElement);
  let dead: readonly string[] = [];
  retryAll.addEventListener('click', () => actions.retry(dead));
  const create = (id: string): HTMLLIElement =>
    createRow(
      () => actions.retry([id]),
      () => actions.discard(id),
    );

  return (model) => {
    const { queue, now } = model;
    const online = isOnline(model);
    // The dead ask for something, so they come first.
    const jobs = [...queue.jobs].sort((a, b) => Number(b.phase === 'dead') - Number(a.phase === 'dead'));
    dead = jobs.filter(({ phase }) => phase === 'dead').map(({ id }) => id);
    const update = (row: HTMLLIElement, job: ShownJob): void => updateRow(row, job, now, online);
    holdFocus(list, heading, () => syncChildren(list, jobs.slice(0, ROWS), ({ id }) => id, create, update));
    setHidden(retryAll, dead.length < 2, heading);
    setText(note, noteWords(model, Math.min(jobs.length, ROWS)));
  };
}

function noteWords({ queue: { counts } }: Model, shown: number): string {
  const { waiting, running, retrying, dead, done } = counts;
  const hidden = waiting + running + retrying + dead - shown;
  const more = hidden > 0 ? `And ${hidden} more. ` : '';
  if (done === 0) return shown === 0 ? 'None yet: each edit of a note becomes one.' : more;
  return `${shown === 0 ? 'Nothing waits. ' : more}${done === 1 ? '1 job is done.' : `${done} jobs are done.`}`;
}

function createRow(retry: () => void, discard: () => void): HTMLLIElement {
  const buttons = make('span', 'job-buttons', button('Retry', retry), button('Discard', discard));
  return make(
    'li',
    'job',
    make('span', 'dot'),
    make('span', 'job-title'),
    make('span', 'job-when'),
    make('span', 'job-more'),
    make('span', 'job-error'),
    buttons,
  );
}

function button(label: string, run: () => void): HTMLButtonElement {
  const made = make('button', 'plain', label);
  made.type = 'button';
  made.addEventListener('click', run);
  return made;
}

function updateRow(row: HTMLLIElement, job: ShownJob, now: number, online: boolean): void {
  const [, title, when, more, error, buttons] = row.children as unknown as readonly HTMLElement[];
  if (!title || !when || !more || !error || !buttons) return;
  row.dataset.phase = job.phase;
  setText(title, job.title);
  setText(when, whenWords(job, now, online));
  setText(more, moreWords(job, now));
  setText(error, troubleWords(job));
  setHidden(error, error.textContent === '');
  setHidden(buttons, job.phase !== 'dead');
  for (const made of buttons.children) made.ariaLabel = `${made.textContent} ${job.title}`;
}

function whenWords({ phase, runAt, behind }: ShownJob, now: number, online: boolean): string {
  if (phase === 'retrying' && online) return `next try ${inTime(runAt, now)}`;
  if (phase === 'retrying' || phase === 'waiting') return behind ? 'waits its turn' : 'waiting';
  return phase;
}

function troubleWords(job: ShownJob): string {
  const { lastError, phase } = job;
  const cause = lastError ? [causeOf(lastError)] : [];
  return [...cause, ...(phase === 'dead' ? [adviceFor(job)] : [])].join(' ');
}

function moreWords(job: ShownJob, now: number): string {
  const { phase, revision, attempt, maxAttempts, crashes, lastError } = job;
  const what = revision === undefined ? 'Delete' : `Edit ${revision}`;
  const tries =
    phase === 'dead' ? `given up after attempt ${attempt}` : `attempt ${attempt} of ${maxAttempts}`;
  const vanished = crashes === 0 ? [] : [crashes === 1 ? '1 crash' : `${crashes} crashes`];
  const last = lastError ? [ago(lastError.at, now)] : [];
  return [what, tries, ...vanished, ...last].join(' · ');
}
