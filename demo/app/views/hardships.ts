import { byId, setText } from '../element.ts';
import type { HostState } from '../host.ts';
import type { Model } from '../model.ts';
import { isMood, type Mood, moodOf } from '../server-link.ts';

export interface HardshipActions {
  setOnline(online: boolean): void;
  setMood(mood: Mood): void;
  killWorker(): void;
}

const MOOD_NOTES: Record<Mood, string> = {
  normal: 'Takes every note at once.',
  slow: 'Takes the note, and answers 5 seconds later.',
  down: 'Answers 503, as if nobody were there: changes wait, and no attempt is counted.',
  fail: 'Answers 500: changes wait, and one at a time asks again.',
  busy: 'Answers 429, “come back in 5 seconds”: every push waits for that.',
  reject: 'Answers 422: a note it will never take. Dead at once; the others go on.',
};

const HOST_NOTES: Record<HostState, string> = {
  starting: 'starting',
  working: 'working',
  armed: 'will die at the next job',
  killed: 'killed; a new one comes',
};

/** The switches that make syncing hard: no connection, a server in a bad mood, a worker that dies. */
export function createHardships(actions: HardshipActions): (model: Model) => void {
  const connection = byId('connection', HTMLFieldSetElement);
  const mood = byId('mood', HTMLFieldSetElement);
  const kill = byId('kill', HTMLButtonElement);
  connection.addEventListener('change', ({ target }) => actions.setOnline(chosenOf(target) === 'online'));
  mood.addEventListener('change', ({ target }) => {
    const wanted = chosenOf(target);
    if (isMood(wanted)) actions.setMood(wanted);
  });
  kill.addEventListener('click', actions.killWorker);

  return ({ queue, browserOnline, server, host }) => {
    check(connection, queue.switchedOff ? 'offline' : 'online');
    mood.disabled = server === undefined;
    const shown = server && moodOf(server.behaviour);
    if (shown !== undefined) check(mood, shown);
    setText(
      byId('mood-note', HTMLParagraphElement),
      shown
        ? MOOD_NOTES[shown]
        : browserOnline
          ? 'The server does not answer.'
          : 'This device has no network.',
    );
    setText(byId('worker-state', HTMLSpanElement), `Worker: ${HOST_NOTES[host]}`);
    setText(kill, host === 'armed' ? 'Let the worker live' : 'Kill the worker mid-job');
    kill.ariaDisabled = String(host === 'starting' || host === 'killed'); // Disabled, it would lose the focus.
  };
}

const chosenOf = (target: EventTarget | null): string =>
  target instanceof HTMLInputElement ? target.value : '';

function check(group: HTMLFieldSetElement, value: string): void {
  for (const input of group.querySelectorAll('input')) if (input.value === value) input.checked = true;
}
