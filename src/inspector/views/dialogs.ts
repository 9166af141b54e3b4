import { html, nothing, type TemplateResult } from 'lit';
import type { EditOptions } from '../../core/index.ts';
import type { ShownJob } from '../shown.ts';
import { isJson } from '../words/value-text.ts';

/** What is asked. */
export type Question =
  | {
      readonly kind: 'confirm';
      readonly title: string;
      readonly text: string;
      readonly label: string;
      readonly run: () => void;
    }
  | { readonly kind: 'edit'; readonly job: ShownJob; readonly wrong?: string };

export interface Answers {
  cancelled(): void;
  confirmed(run: () => void): void;
  /** `payload` absent: it stays. */
  edited(job: ShownJob, changes: EditOptions): void;
  wrong(job: ShownJob, why: string): void;
}

/** The inside of the dialog. */
export function dialogBody(
  question: Question | undefined,
  answers: Answers,
): TemplateResult | typeof nothing {
  if (question === undefined) return nothing;
  return question.kind === 'confirm' ? confirmation(question, answers) : editor(question, answers);
}

function confirmation(
  { title, text, label, run }: Question & { readonly kind: 'confirm' },
  answers: Answers,
): TemplateResult {
  const submit = (event: Event) => {
    event.preventDefault();
    answers.confirmed(run);
  };
  return html`<form @submit=${submit}>
    <h2 id="question">${title}</h2>
    <p>${text}</p>
    <div class="buttons">
      <button type="button" class="button" @click=${() => answers.cancelled()}>Keep</button>
      <button type="submit" class="button first">${label}</button>
    </div>
  </form>`;
}

function editor({ job, wrong }: Question & { readonly kind: 'edit' }, answers: Answers): TemplateResult {
  const isDead = job.state === 'dead';
  const canPayload = !job.isRedacted && isJson(job.payload);
  const submit = (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const changes = changesOf(form, job);
    if (typeof changes === 'string') answers.wrong(job, changes);
    else answers.edited(job, changes);
  };
  return html`<form @submit=${submit}>
    <h2 id="question">${isDead ? 'Edit and retry' : 'Edit'} ${job.name}</h2>
    ${
      canPayload
        ? html`<label>
            Payload
            <textarea
              name="payload"
              spellcheck="false"
              autocapitalize="off"
              aria-invalid=${wrong === undefined ? nothing : 'true'}
              aria-describedby=${wrong === undefined ? nothing : 'wrong'}
              .value=${JSON.stringify(job.payload, undefined, 2)}
            ></textarea>
          </label>`
        : html`<p class="soft">
            ${job.isRedacted ? 'The payload is not shown here, so it cannot be edited.' : 'The payload holds values that JSON does not, so it cannot be edited here.'}
          </p>`
    }
    ${wrong === undefined ? nothing : html`<p class="wrong" id="wrong" role="alert">${wrong}</p>`}
    ${
      isDead
        ? nothing
        : html`<div class="two">
            <label>Priority <input class="field" name="priority" type="number" min="-100" max="100" step="1" .value=${String(job.priority)} /></label>
            <label>
              Runs
              <select class="field" name="time">
                <option value="">as it is</option>
                <option value="0">now</option>
                <option value="60000">in a minute</option>
                <option value="3600000">in an hour</option>
                <option value="86400000">in a day</option>
              </select>
            </label>
          </div>`
    }
    <div class="buttons">
      <button type="button" class="button" @click=${() => answers.cancelled()}>Keep as it is</button>
      <button type="submit" class="button first" ?disabled=${isDead && !canPayload}>${isDead ? 'Retry with this' : 'Save'}</button>
    </div>
  </form>`;
}

/** What the form says that is another; a text: what is wrong with it. */
function changesOf(form: HTMLFormElement, job: ShownJob): EditOptions | string {
  const field = (name: string) => (form.elements.namedItem(name) as HTMLInputElement | null)?.value;
  const [text, priority, time] = [field('payload'), field('priority'), field('time')];
  const changes: { payload?: unknown; priority?: number; delayMs?: number } = {};
  if (text !== undefined && (job.state === 'dead' || text !== JSON.stringify(job.payload, undefined, 2))) {
    try {
      changes.payload = JSON.parse(text);
    } catch (error) {
      return `This is not JSON: ${(error as Error).message}`;
    }
  }
  if (priority !== undefined && Number(priority) !== job.priority) changes.priority = Number(priority);
  if (time) changes.delayMs = Number(time);
  return Object.keys(changes).length === 0 ? 'Nothing is changed.' : changes;
}
