import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from 'lit';
import type { EditOptions, Handle } from '../core/index.ts';
import type { InspectorAction } from './actions.ts';
import type { Ask } from './ask.ts';
import { InspectorModel, type Redact } from './model.ts';
import type { Section, ShownJob } from './shown.ts';
import { layout, parts, tokens } from './style.ts';
import { bar, notices } from './views/chrome.ts';
import { type Answers, dialogBody, type Question } from './views/dialogs.ts';
import { jobList } from './views/job-list.ts';
import { jobStyle } from './views/job-style.ts';
import { jobView } from './views/job-view.ts';
import { jobsStyle } from './views/jobs-style.ts';
import { overview } from './views/overview.ts';
import { overviewStyle } from './views/overview-style.ts';
import { scheduleList } from './views/schedule-list.ts';

const SECTIONS: readonly Section[] = ['overview', 'jobs', 'dead', 'schedules'];

/**
 * A queue to look at: what waits, runs and failed, who works, why a job waits; and to steer, as far as its handle allows. It reads while it is on the page and
 * can be seen, and ends when it is removed. Nothing of a payload is ever taken for HTML.
 *
 * @example
 * defineInspector();
 * const inspector = document.createElement('holdfast-inspector');
 * inspector.queue = queue; // of this page, in a worker, or elsewhere
 * document.body.append(inspector);
 */
export class HoldfastInspector extends LitElement implements Ask, Answers {
  static override properties: PropertyDeclarations = {
    queue: { attribute: false },
    actions: { attribute: false },
    redact: { attribute: false },
    theme: { reflect: true },
  };
  static override styles = [tokens, parts, layout, overviewStyle, jobsStyle, jobStyle];

  /** What it shows. Any handle: a queue of this page, a `workerQueue`, a `queueClient`, an `httpQueue`. */
  declare queue: Handle | undefined;
  /** What may be done here. Default: all that the handle's host serves. `[]`: it only shows. */
  declare actions: readonly InspectorAction[] | undefined;
  /** What is shown of a job: leave out of it what is not for those who look. Payloads that it changes cannot be edited. Default: all. */
  declare redact: Redact | undefined;
  /** `light` or `dark`. Default: as the reader's system has it. */
  declare theme: 'light' | 'dark' | undefined;

  #model: InspectorModel | undefined;
  #question: Question | undefined;
  #openId: string | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#model?.start();
    this.addEventListener('keydown', this.#key);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#model?.stop();
    this.removeEventListener('keydown', this.#key);
  }

  override willUpdate(changed: ReadonlyMap<PropertyKey, unknown>): void {
    if (!['queue', 'actions', 'redact'].some((name) => changed.has(name))) return;
    this.#model?.stop();
    const { queue, actions, redact } = this;
    this.#model =
      queue &&
      new InspectorModel(queue, {
        actions,
        redact,
        changed: () => this.requestUpdate(),
        isSeen: () => this.ownerDocument.visibilityState !== 'hidden',
      });
    if (this.isConnected) this.#model?.start();
  }

  override render(): TemplateResult {
    const model = this.#model;
    if (model === undefined)
      return html`<p class="empty">No queue is given: set <code>inspector.queue</code>.</p>`;
    const { shown } = model;
    return html`<div class="inspector">
      ${bar(shown, model)} ${notices(shown, model)}
      <div class="body">
        <div class="columns ${shown.openId === undefined ? '' : 'opened'}">
          <div class="view">${this.#section(model)}</div>
          ${
            shown.openId === undefined
              ? nothing
              : html`<section class="drawer" aria-label="Job" tabindex="-1">${jobView(shown, model, this)}</section>`
          }
        </div>
      </div>
      <dialog aria-labelledby="question" @close=${() => this.cancelled()}>${dialogBody(this.#question, this)}</dialog>
    </div>`;
  }

  #section(model: InspectorModel): TemplateResult {
    const { shown } = model;
    if (shown.section === 'overview') return overview(shown, model);
    return shown.section === 'schedules' ? scheduleList(shown, model) : jobList(shown, model, this);
  }

  /** Who opens a job is at it, and back in the list when he closes it. */
  override updated(): void {
    const id = this.#model?.shown.openId;
    if (id !== this.#openId) {
      const before = this.#openId;
      this.#openId = id;
      const all = [...this.renderRoot.querySelectorAll<HTMLElement>('.row .open')];
      if (id !== undefined) this.renderRoot.querySelector<HTMLElement>('.drawer')?.focus();
      else if (before !== undefined)
        all.find((row) => row.querySelector(`[title="${CSS.escape(before)}"]`))?.focus();
    }
    const dialog = this.renderRoot.querySelector('dialog');
    if (dialog === null) return;
    if (this.#question !== undefined && !dialog.open) dialog.showModal();
    if (this.#question === undefined && dialog.open) dialog.close();
  }

  /** `/` looks for a job, `1` to `4` are the sections, Escape closes the job. Not while somebody writes. */
  readonly #key = (event: KeyboardEvent): void => {
    const model = this.#model;
    const target = event.composedPath()[0] as HTMLElement;
    if (model === undefined || event.altKey || event.ctrlKey || event.metaKey || this.#question !== undefined)
      return;
    if (event.key === 'Escape' && model.shown.openId !== undefined) {
      event.preventDefault();
      model.open(undefined);
      return;
    }
    if (target.matches?.('input:not([type=checkbox]), textarea, select')) return;
    const section = SECTIONS[Number(event.key) - 1];
    if (section !== undefined) model.show(section);
    else if (event.key === '/') void this.#focusSearch(model);
    else return;
    event.preventDefault();
  };

  async #focusSearch(model: InspectorModel): Promise<void> {
    if (model.shown.section !== 'dead') model.show('jobs');
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLInputElement>('.search')?.focus();
  }

  #ask(question: Question | undefined): void {
    if (question === this.#question) return;
    this.#question = question;
    this.requestUpdate();
  }

  /** @internal */
  confirm(title: string, text: string, label: string, run: () => void): void {
    this.#ask({ kind: 'confirm', title, text, label, run });
  }

  /** @internal */
  edit(job: ShownJob): void {
    this.#ask({ kind: 'edit', job });
  }

  /** @internal */
  cancelled(): void {
    this.#ask(undefined);
  }

  /** @internal */
  confirmed(run: () => void): void {
    this.#ask(undefined);
    run();
  }

  /** @internal */
  edited(job: ShownJob, changes: EditOptions): void {
    this.#ask(undefined);
    if (job.state === 'dead') void this.#model?.steer.editAndRetry(job.id, changes.payload);
    else void this.#model?.steer.edit(job.id, changes);
  }

  /** @internal */
  wrong(job: ShownJob, why: string): void {
    this.#ask({ kind: 'edit', job, wrong: why });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'holdfast-inspector': HoldfastInspector;
  }
}
