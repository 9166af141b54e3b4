import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { JobState } from '../../core/index.ts';
import type { Ask } from '../ask.ts';
import type { InspectorModel } from '../model.ts';
import type { Shown, ShownJob } from '../shown.ts';
import { instant, relative, since } from '../words/durations.ts';
import { count, counted } from '../words/numbers.ts';
import { shortId } from './overview.ts';

const STATES: readonly (readonly [JobState, string])[] = [
  ['pending', 'Waiting'],
  ['active', 'Active'],
  ['completed', 'Completed'],
];

/** Jobs of one state, page by page; of the dead ones those that can be retried and discarded, many at once. */
export function jobList(shown: Shown, model: InspectorModel, ask: Ask): TemplateResult {
  const { page } = shown;
  return html`<div>
    ${filters(shown, model)}
    ${
      page === undefined
        ? html`<p class="empty" aria-busy="true">Reading jobs…</p>`
        : page.jobs.length === 0
          ? empty(shown)
          : html`${bulk(shown, model, ask)}
              <ul class="rows" @keydown=${moveFocus} aria-label="Jobs">
                ${repeat(
                  page.jobs,
                  ({ id }) => id,
                  (job) => row(job, shown, model),
                )}
              </ul>`
    }
    ${pager(shown, model)}
  </div>`;
}

function filters({ section, filter, names, stats }: Shown, model: InspectorModel): TemplateResult {
  const submit = (event: Event) => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem('search') as HTMLInputElement;
    model.filter({ search: field.value.trim() || undefined });
  };
  const counts = stats?.counts;
  return html`<form class="filters" role="search" @submit=${submit}>
    ${
      section === 'dead'
        ? nothing
        : html`<div class="states" role="group" aria-label="State">
            ${STATES.map(
              ([state, label]) => html`<button
                type="button"
                aria-pressed=${filter.state === state}
                @click=${() => model.filter({ state })}
              >
                ${label}${counts === undefined || state === 'completed' ? nothing : html`<span class="soft number">${count(counts[state])}</span>`}
              </button>`,
            )}
          </div>`
    }
    <select
      class="field"
      aria-label="Name"
      .value=${filter.name ?? ''}
      @change=${(event: Event) => model.filter({ name: (event.target as HTMLSelectElement).value || undefined })}
    >
      <option value="">All names</option>
      ${names.map((name) => html`<option value=${name} ?selected=${filter.name === name}>${name}</option>`)}
    </select>
    <input
      class="field search"
      type="search"
      name="search"
      placeholder="Id or tag"
      aria-label="Find a job by its id, or jobs by a tag"
      .value=${filter.search ?? ''}
      @search=${(event: Event) => {
        if ((event.target as HTMLInputElement).value === '') model.filter({ search: undefined });
      }}
    />
    <button type="submit" class="button">Find</button>
  </form>`;
}

function bulk(shown: Shown, model: InspectorModel, ask: Ask): TemplateResult | typeof nothing {
  const { page, selected, actions, filter, isBusy, stats } = shown;
  const ids = page?.jobs.map(({ id }) => id) ?? [];
  const chosen = [...selected];
  const isDead = filter.state === 'dead';
  const isAll = ids.length > 0 && ids.every((id) => selected.has(id));
  const may = (action: (typeof actions)[number]) => actions.includes(action);
  const button = (label: string, run: () => void, kind = '') =>
    html`<button type="button" class="button ${kind}" ?disabled=${isBusy} @click=${run}>${label}</button>`;
  const all = filter.name === undefined ? 'all dead jobs' : `all dead jobs named ${filter.name}`;
  const dead = counted(stats?.counts.dead ?? ids.length, 'job');
  const many = counted(chosen.length, 'job');
  const ofChosen = html`
    ${isDead && may('retry') ? button('Retry', () => model.steer.retry(chosen), 'first') : nothing}
    ${isDead && may('discard') ? button('Discard', () => ask.confirm(`Discard ${many}?`, 'They are deleted, with their payloads, for good.', 'Discard', () => model.steer.discard(chosen)), 'risky') : nothing}
    ${filter.state === 'pending' && may('run') ? button('Run now', () => model.steer.run(chosen), 'first') : nothing}
    ${
      (filter.state === 'pending' || filter.state === 'active') && may('cancel')
        ? button(
            'Cancel',
            () =>
              ask.confirm(
                `Cancel ${many}?`,
                'What waits is deleted. What runs is asked to stop.',
                'Cancel jobs',
                () => model.steer.cancel(chosen),
              ),
            'risky',
          )
        : nothing
    }`;
  const ofAll = html`
    ${isDead && may('retry') ? button('Retry all', () => ask.confirm(`Retry ${all}?`, `${dead} are dead. Those that match run again, with all their attempts.`, 'Retry all', () => model.steer.retryAll())) : nothing}
    ${isDead && may('discard') ? button('Discard all', () => ask.confirm(`Discard ${all}?`, `${dead} are dead. Those that match are deleted for good.`, 'Discard all', () => model.steer.discardAll()), 'risky') : nothing}`;
  return html`<div class="bulk">
    <label>
      <input
        type="checkbox"
        .checked=${isAll}
        .indeterminate=${!isAll && chosen.length > 0}
        @change=${() => model.select(ids, !isAll)}
      />
      ${chosen.length > 0 ? `${counted(chosen.length, 'job')} selected` : 'Select page'}
    </label>
    ${chosen.length > 0 ? ofChosen : ofAll}
  </div>`;
}

function row(job: ShownJob, shown: Shown, model: InspectorModel): TemplateResult {
  const { id, name, state, tags = [] } = job;
  const { selected, openId, now } = shown;
  const error = state === 'dead' || state === 'pending' ? job.errors.at(-1) : undefined;
  return html`<li class="row ${openId === id ? 'chosen' : ''}">
    <input
      type="checkbox"
      aria-label="Select ${name} ${id}"
      .checked=${selected.has(id)}
      @change=${(event: Event) => model.select([id], (event.target as HTMLInputElement).checked)}
    />
    <button type="button" class="open" aria-current=${openId === id ? 'true' : nothing} @click=${() => model.open(id)}>
      <span class="dot ${state}"></span>
      <span class="name cut">${name}</span>
      <span class="what">
        <span class="mono cut" title=${id}>${shortId(id)}</span>
        ${tags.slice(0, 3).map((tag) => html`<span class="tag">${tag}</span>`)}
        ${error === undefined ? nothing : html`<span class="cut failing">${error.message || error.name}</span>`}
      </span>
      <span class="when" title=${instant(whenOf(job))}>${when(job, now)}</span>
    </button>
  </li>`;
}

const whenOf = ({ state, finishedAt, runAt, enqueuedAt }: ShownJob): number =>
  state === 'dead' || state === 'completed' ? (finishedAt ?? enqueuedAt) : runAt;

function when(job: ShownJob, now: number): string {
  const { state, runAt, attempt, failures, parked, maxAttempts } = job;
  if (state === 'dead' || state === 'completed') return relative(whenOf(job), now);
  if (state === 'active') return `attempt ${attempt}`;
  if (parked) return 'behind others';
  const tried = failures > 0 ? `try ${attempt}${maxAttempts === undefined ? '' : `/${maxAttempts}`}, ` : '';
  return runAt > now ? `${tried}${relative(runAt, now)}` : `${tried}due for ${since(runAt, now)}`;
}

function empty({ filter, section, actions: _ }: Shown): TemplateResult {
  if (filter.search !== undefined || filter.name !== undefined)
    return html`<div class="empty"><strong>No job matches</strong>No job in this state has this id, tag or name.</div>`;
  if (section === 'dead')
    return html`<div class="empty"><strong>No dead letters</strong>Jobs that failed for good are kept here, until they are retried or discarded.</div>`;
  if (filter.state === 'active')
    return html`<div class="empty"><strong>Nothing runs</strong>Jobs are here while a worker has them.</div>`;
  if (filter.state === 'completed')
    return html`<div class="empty"><strong>None is kept</strong>Completed jobs are deleted, unless the queue keeps their ids or results.</div>`;
  return html`<div class="empty"><strong>Nothing waits</strong>Jobs are here from their enqueue until a worker takes them.</div>`;
}

function pager({ filter, page }: Shown, model: InspectorModel): TemplateResult | typeof nothing {
  const { pages } = filter;
  const next = page?.next;
  if (page === undefined || (pages.length === 0 && next === undefined)) return nothing;
  return html`<nav class="pager" aria-label="Pages of jobs">
    <span>Page ${count(pages.length + 1)}, ${counted(page.jobs.length, 'job')}</span>
    <span class="buttons">
      <button type="button" class="button" ?disabled=${pages.length === 0} @click=${() => model.filter({ pages: pages.slice(0, -1) })}>
        Previous
      </button>
      <button
        type="button"
        class="button"
        ?disabled=${next === undefined}
        @click=${() => model.filter({ pages: [...pages, next ?? ''] })}
      >
        Next
      </button>
    </span>
  </nav>`;
}

/** Arrows, Home and End go from job to job. */
function moveFocus(event: KeyboardEvent): void {
  const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };
  const target = event.target as HTMLElement;
  if (!target.classList.contains('open')) return;
  const all = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('.open')];
  const at = all.indexOf(target);
  const to = { Home: 0, End: all.length - 1 }[event.key] ?? at + (steps[event.key] ?? 0);
  if (to === at || all[to] === undefined) return;
  event.preventDefault();
  all[to]?.focus();
}
