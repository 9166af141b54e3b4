import { html, nothing, type TemplateResult } from 'lit';
import type { JobState, NameStats } from '../../core/index.ts';
import type { InspectorModel } from '../model.ts';
import { donePerMinute, doneSteps } from '../rates.ts';
import type { Shown } from '../shown.ts';
import { duration, instant, relative, since } from '../words/durations.ts';
import { bytes, count, counted } from '../words/numbers.ts';
import { sparkline } from './sparkline.ts';

/** Older than this, what waits is late. */
const LATE_MS = 60_000;
const SHOWN_JOBS = 8;

/** Depth, ages, rates, who works, and what asks for attention. */
export function overview(shown: Shown, model: InspectorModel): TemplateResult {
  if (shown.stats === undefined) return html`<p class="empty" aria-busy="true">Reading the queue…</p>`;
  return html`<div class="overview">${figures(shown, model)} ${alerts(shown, model)} ${names(shown, model)} ${crew(shown, model)}</div>`;
}

function figures({ stats, samples }: Shown, model: InspectorModel): TemplateResult | typeof nothing {
  if (stats === undefined) return nothing;
  const { counts } = stats;
  const oldest = Math.max(...Object.values(stats.names).map(({ oldestAgeMs = -1 }) => oldestAgeMs));
  const rate = donePerMinute(samples);
  const open = (state: JobState) => () => {
    model.show(state === 'dead' ? 'dead' : 'jobs');
    model.filter({ state, name: undefined, search: undefined });
  };
  const figure = (
    state: JobState,
    label: string,
    value: number,
    hint: string,
    line: readonly number[] = [],
  ) => html`<button type="button" class="figure" @click=${open(state)}>
    <span class="label"><span class="dot ${state}"></span>${label}</span>
    <span class="value">${count(value)}</span>
    ${sparkline(line)}
    <span class="hint">${hint}</span>
  </button>`;
  return html`<div class="figures">
    ${figure(
      'pending',
      'Waiting',
      counts.pending,
      oldest >= 0
        ? `oldest due for ${duration(oldest)}`
        : counts.pending > 0
          ? 'none is due'
          : `${bytes(counts.bytes)} stored`,
      samples.map(({ waiting }) => waiting),
    )}
    ${figure('active', 'Active', counts.active, counts.active === 0 ? 'nothing runs' : 'running now')}
    ${figure('completed', 'Completed', counts.completed, rate === undefined ? 'since the queue began' : `${count(rate)} a minute`, doneSteps(samples))}
    ${figure('dead', 'Dead letters', counts.dead, counts.dead === 0 ? 'none' : 'retry, edit or discard')}
  </div>`;
}

function alerts(shown: Shown, model: InspectorModel): TemplateResult | typeof nothing {
  const { stats, now, actions, isBusy } = shown;
  if (stats === undefined) return nothing;
  const button = (label: string, run: () => void) =>
    html`<button type="button" class="button" ?disabled=${isBusy} @click=${run}>${label}</button>`;
  const lines = [
    ...stats.closedTargets.map(
      ({ target, since: began, reason, nextProbeAt, allowed }) => html`<li class="alert">
        <p>
          <strong>${target} ${allowed === undefined ? 'is not reached' : 'is being tried again'}</strong> for
          ${since(began, now)}${reason ? html`: ${reason}` : nothing}. No attempt is counted. ${nextProbeAt <= now ? 'It is tried again just now.' : `The next try comes ${relative(nextProbeAt, now)}.`}
        </p>
        ${actions.includes('run') ? button('Try now', () => model.steer.tryAgain()) : nothing}
      </li>`,
    ),
    ...Object.entries(stats.holds ?? {}).map(
      ([name, until]) => html`<li class="alert">
        <p><strong>${name} is held</strong> for another ${duration(until - now)}: no job of this name starts before.</p>
      </li>`,
    ),
    ...(stats.counts.pausedNames ?? []).map(
      (name) => html`<li class="alert">
        <p><strong>${name} is paused.</strong> Jobs of this name wait until it is resumed.</p>
        ${actions.includes('pause') ? button('Resume', () => model.steer.setPaused(false, name)) : nothing}
      </li>`,
    ),
    ...Object.entries(stats.needsFeatures ?? {}).map(
      ([feature, waiting]) => html`<li class="alert">
        <p><strong>${counted(waiting, 'job needs', 'jobs need')} ${feature},</strong> which this page does not use.</p>
      </li>`,
    ),
    ...unworked(shown),
  ];
  return lines.length === 0 ? nothing : html`<ul class="alerts" aria-label="Needs attention">${lines}</ul>`;
}

/** Names with jobs that are due, and that nobody is known to run. A hold says so itself. */
function unworked({ stats, workers }: Shown): readonly TemplateResult[] {
  const all = Object.entries(stats?.names ?? {}).filter(
    ([name, { oldestAgeMs, active }]) =>
      oldestAgeMs !== undefined &&
      active === 0 &&
      workers?.names.includes(name) === false &&
      !Object.hasOwn(stats?.holds ?? {}, name),
  );
  return all.map(
    ([name, { waiting }]) => html`<li class="alert">
      <p><strong>Nobody works ${name}.</strong> ${counted(waiting, 'job waits', 'jobs wait')} for a worker.</p>
    </li>`,
  );
}

function names({ stats }: Shown, model: InspectorModel): TemplateResult | typeof nothing {
  const all = Object.entries(stats?.names ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  if (all.length === 0)
    return html`<div class="card empty"><strong>Nothing waits and nothing runs</strong>Jobs are listed here by name as they come.</div>`;
  const open = (name: string) => () => {
    model.show('jobs');
    model.filter({ state: 'pending', name, search: undefined });
  };
  return html`<section class="card" aria-labelledby="names">
    <header><h3 id="names">By name</h3></header>
    <div class="scroll" tabindex="0" role="group" aria-labelledby="names">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Waiting</th>
            <th scope="col">Active</th>
            <th scope="col">Oldest due</th>
            <th scope="col">Done here / min</th>
            <th scope="col">Runs (p95)</th>
          </tr>
        </thead>
        <tbody>
          ${all.map(([name, one]) => nameRow(name, one, open(name)))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function nameRow(name: string, one: NameStats, open: () => void): TemplateResult {
  const { waiting, active, oldestAgeMs, perMinute, runMs } = one;
  const isLate = (oldestAgeMs ?? 0) > LATE_MS;
  return html`<tr>
    <th scope="row"><button type="button" class="link" @click=${open}>${name}</button></th>
    <td>${count(waiting)}</td>
    <td>${count(active)}</td>
    <td class=${isLate ? 'late' : ''}>${oldestAgeMs === undefined ? '–' : duration(oldestAgeMs)}</td>
    <td>${perMinute === 0 ? '–' : count(perMinute)}</td>
    <td>${runMs === undefined ? '–' : duration(runMs.p95)}</td>
  </tr>`;
}

function crew({ workers, workersHere, now }: Shown, model: InspectorModel): TemplateResult | typeof nothing {
  if (workers === undefined) return nothing;
  const { workers: all, names: worked } = workers;
  const jobs = (list: (typeof all)[number]['jobs'], active: number) => html`<span class="jobs">
    ${list.slice(0, SHOWN_JOBS).map(
      ({ id, name }) =>
        html`<button type="button" class="pill" title=${id} @click=${() => model.open(id)}>
          <span class="dot active"></span>${name}
        </button>`,
    )}${active > SHOWN_JOBS ? html`<span class="soft">and ${count(active - SHOWN_JOBS)} more</span>` : nothing}
  </span>`;
  return html`<section class="card crew" aria-labelledby="crew">
    <header>
      <h3 id="crew">At work</h3>
      <span class="soft">${all.length === 0 ? nothing : counted(all.length, 'worker')}</span>
    </header>
    ${
      all.length === 0
        ? html`<p class="soft">
            ${
              worked.length === 0
                ? 'No worker was seen in the last 15 minutes.'
                : `Nobody has a job just now. Workers are there for ${worked.join(', ')}.`
            }
          </p>`
        : html`<ul class="workers">
            ${all.map(
              ({ workerId, since: began, seenAt, active, jobs: list }) => html`<li>
                <span class="mono cut" title=${workerId}>${shortId(workerId)}</span>
                ${workersHere.includes(workerId) ? html`<span class="tag">This tab</span>` : nothing}
                <span class="soft number" title=${began === undefined ? nothing : instant(began)}>
                  ${began === undefined ? 'at work' : `at work for ${since(began, now)}`}, heard
                  ${relative(seenAt, now)}
                </span>
                ${jobs(list, active)}
              </li>`,
            )}
          </ul>`
    }
  </section>`;
}

/** The end of an id is what tells it from others. */
export const shortId = (id: string): string => (id.length > 20 ? `…${id.slice(-12)}` : id);
