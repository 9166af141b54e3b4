import { html, nothing, svg, type TemplateResult } from 'lit';
import type { JobError } from '../../core/index.ts';
import type { Ask } from '../ask.ts';
import type { InspectorModel } from '../model.ts';
import type { Opened, Shown, ShownJob } from '../shown.ts';
import { clockTime, instant, relative, since } from '../words/durations.ts';
import { valueText } from '../words/value-text.ts';
import { NOTHING_KEEPS, waitWords } from '../words/waits.ts';
import { shortId } from './overview.ts';

const STATES = {
  pending: 'Waiting',
  active: 'Active',
  completed: 'Completed',
  dead: 'Dead',
  cancelled: 'Cancelled',
} as const;

/** One job: why it waits, what happened to it, what it carries. */
export function jobView(shown: Shown, model: InspectorModel, ask: Ask): TemplateResult {
  const { opened, openId = '', now } = shown;
  const close = html`<button type="button" class="button plain" @click=${() => model.open(undefined)}>Close</button>`;
  if (opened === undefined || opened === null)
    return html`<div class="job" aria-busy=${opened === undefined}>
      <div class="top"><span class="mono cut">${shortId(openId)}</span>${close}</div>
      <p class="empty">
        ${opened === undefined ? 'Reading the job…' : html`<strong>It is gone</strong>It completed, was cancelled or was discarded.`}
      </p>
    </div>`;
  const { job } = opened;
  return html`<div class="job">
    <header>
      <div class="top">
        <h3 class="cut">${job.name}</h3>
        <span class="pill"><span class="dot ${job.state}"></span>${STATES[job.state]}</span>
        ${close}
      </div>
      <span class="mono id">${job.id}</span>
      ${buttons(job, shown, model, ask)}
    </header>
    ${reasons(opened, now)} ${dependencies(opened, model)}
    <section aria-labelledby="timeline">
      <h4 id="timeline" class="soft">Timeline</h4>
      ${timeline(job, now)}
    </section>
    <section aria-labelledby="payload">
      <h4 id="payload" class="soft">Payload</h4>
      ${
        job.isRedacted && !('payload' in job)
          ? html`<p class="soft">It is not shown here.</p>`
          : html`<pre tabindex="0" aria-labelledby="payload">${valueText(job.payload)}</pre>`
      }
    </section>
    ${kept('Progress', job.progress)} ${kept('Result', job.result)} ${facts(job, model)}
  </div>`;
}

function buttons(
  job: ShownJob,
  shown: Shown,
  model: InspectorModel,
  ask: Ask,
): TemplateResult | typeof nothing {
  const { actions, isBusy, now } = shown;
  const { id, state, name } = job;
  const may = (action: (typeof actions)[number]) => actions.includes(action);
  const button = (label: string, run: () => void, kind = '') =>
    html`<button type="button" class="button ${kind}" ?disabled=${isBusy} @click=${run}>${label}</button>`;
  const all = {
    dead: [
      may('retry') && button('Retry', () => model.steer.retry([id]), 'first'),
      may('retry') && button('Edit and retry', () => ask.edit(job)),
      may('discard') &&
        button(
          'Discard',
          () =>
            ask.confirm(`Discard ${name}?`, 'It is deleted, with its payload, for good.', 'Discard', () =>
              model.steer.discard([id]),
            ),
          'risky',
        ),
    ],
    pending: [
      may('run') && job.runAt > now && button('Run now', () => model.steer.run([id]), 'first'),
      may('edit') && button('Edit', () => ask.edit(job)),
      may('cancel') &&
        button(
          'Cancel',
          () =>
            ask.confirm(`Cancel ${name}?`, 'It is deleted, with its payload, for good.', 'Cancel job', () =>
              model.steer.cancel([id]),
            ),
          'risky',
        ),
    ],
    active: [
      may('cancel') &&
        button(
          'Ask to stop',
          () =>
            ask.confirm(
              `Stop ${name}?`,
              'The signal of its handler is aborted. It ends cancelled, unless it completes first.',
              'Ask to stop',
              () => model.steer.cancel([id]),
            ),
          'risky',
        ),
    ],
    completed: [],
    cancelled: [],
  }[state].filter((one) => one !== false);
  return all.length === 0 ? nothing : html`<div class="buttons">${all}</div>`;
}

function reasons({ job, waits }: Opened, now: number): TemplateResult | typeof nothing {
  if (job.state !== 'pending') return nothing;
  const lines = waits.length === 0 ? [NOTHING_KEEPS] : waits.map((wait) => waitWords(wait, now));
  return html`<section aria-labelledby="reasons">
    <h4 id="reasons" class="soft">Why it waits</h4>
    <ul class="reasons ${waits.some(({ why }) => ATTENTION.has(why)) ? 'attention' : ''}">
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ul>
  </section>`;
}

/** Reasons that do not end by themselves. */
const ATTENTION: ReadonlySet<string> = new Set([
  'no-worker',
  'unknown-name',
  'newer-version',
  'needs-feature',
  'outage',
  'paused',
  'suspect',
]);

/** Those that it depends on, with lines to it. */
function dependencies(
  { job, dependencies: all }: Opened,
  model: InspectorModel,
): TemplateResult | typeof nothing {
  if (all.length === 0) return nothing;
  const height = all.length * 34;
  return html`<section aria-labelledby="dependencies">
    <h4 id="dependencies" class="soft">Waits for</h4>
    <div class="graph">
      <ul>
        ${all.map(({ id, job: other }) =>
          other === undefined
            ? html`<li class="node"><span class="dot completed"></span><span class="cut soft">${shortId(id)} is done or gone</span></li>`
            : html`<li>
                <button type="button" class="node" title=${id} @click=${() => model.open(id)}>
                  <span class="dot ${other.state}"></span><span class="cut">${other.name}</span>
                  <span class="unseen">${STATES[other.state]}</span>
                </button>
              </li>`,
        )}
      </ul>
      ${svg`<svg viewBox="0 0 40 ${height}" preserveAspectRatio="none" aria-hidden="true">
        ${all.map((_, i) => svg`<path d="M0 ${i * 34 + 17} C 20 ${i * 34 + 17}, 20 ${height / 2}, 40 ${height / 2}" fill="none" stroke="currentColor" vector-effect="non-scaling-stroke" />`)}
      </svg>`}
      <span class="node this"><span class="dot ${job.state}"></span><span class="cut">${job.name}</span></span>
    </div>
  </section>`;
}

function dueWords({ runAt, attempt, parked }: ShownJob, now: number): string {
  if (runAt > now) return `Attempt ${attempt} ${relative(runAt, now)}`;
  return parked ? 'Waits for its turn' : `Due for ${since(runAt, now)}`;
}

interface Step {
  readonly dot: string;
  readonly at: number;
  readonly text: string;
  readonly error?: JobError;
}

function stepsOf(job: ShownJob, now: number): readonly Step[] {
  const { enqueuedAt, runAt, errors, state, finishedAt, attempt, lease, failures, crashes } = job;
  const steps: Step[] = [{ dot: 'completed', at: enqueuedAt, text: 'Accepted' }];
  const told = errors.filter(({ attempt: of }) => of > 0).length;
  if (failures > told)
    steps.push({
      dot: 'dead',
      at: errors[0]?.at ?? runAt,
      text: `${failures - told} earlier attempts failed`,
    });
  for (const error of errors)
    steps.push({ dot: 'dead', at: error.at, text: `Attempt ${error.attempt} failed`, error });
  if (crashes > 0)
    steps.push({
      dot: 'late',
      at: errors.at(-1)?.at ?? runAt,
      text: `Its worker vanished ${crashes === 1 ? 'once' : `${crashes} times`}`,
    });
  if (state === 'active')
    steps.push({
      dot: 'active',
      at: now,
      text: `Attempt ${attempt} runs on ${shortId(lease?.workerId ?? '')}`,
    });
  if (state === 'pending')
    steps.push({
      dot: 'pending',
      at: runAt,
      text: dueWords(job, now),
    });
  if (state === 'dead') steps.push({ dot: 'dead', at: finishedAt ?? now, text: 'Went to the dead letters' });
  if (state === 'completed') steps.push({ dot: 'completed', at: finishedAt ?? now, text: 'Completed' });
  return steps;
}

function timeline(job: ShownJob, now: number): TemplateResult {
  if (job.enqueuedAt === undefined) return html`<p class="soft">It is not shown here.</p>`;
  return html`<ol class="timeline">
    ${stepsOf(job, now).map(
      ({ dot, at, text, error }) => html`<li>
        <span class="dot ${dot}"></span>
        <div class="line"><span>${text}</span><time title=${instant(at)}>${clockTime(at, now)}</time></div>
        ${
          error === undefined
            ? nothing
            : html`<p class="message failing">${error.name}: ${error.message}</p>
                ${
                  error.stack === undefined
                    ? nothing
                    : html`<details><summary>Stack</summary><pre tabindex="0">${error.stack}</pre></details>`
                }`
        }
      </li>`,
    )}
  </ol>`;
}

const kept = (label: string, value: unknown): TemplateResult | typeof nothing =>
  value === undefined
    ? nothing
    : html`<section><h4 class="soft">${label}</h4><pre tabindex="0" aria-label=${label}>${valueText(value)}</pre></section>`;

function attempts({ state, attempt, failures, maxAttempts }: ShownJob): readonly [string, unknown] {
  const most = maxAttempts === undefined ? '' : ` of ${maxAttempts}`;
  if (attempt === undefined) return ['Attempt', undefined];
  return state === 'dead' ? ['Failed attempts', `${failures}${most}`] : ['Attempt', `${attempt}${most}`];
}

function facts(job: ShownJob, model: InspectorModel): TemplateResult {
  const {
    priority,
    lane,
    idempotencyKey,
    tags,
    version,
    target,
    timeoutMs,
    expiresAt,
    headers,
    tick,
    haltedBy,
  } = job;
  const all: readonly (readonly [string, unknown])[] = [
    ['Priority', priority],
    attempts(job),
    ['Lane', lane],
    ['Key', idempotencyKey],
    ['Tags', tags?.join(', ')],
    ['Target', target],
    ['Version', version === 1 ? undefined : version],
    ['Timeout', timeoutMs === undefined ? undefined : `${timeoutMs} ms`],
    ['Too old at', expiresAt === undefined ? undefined : instant(expiresAt)],
    ['Schedule', tick === undefined ? undefined : `${tick.schedule}, ${instant(tick.at)}`],
    [
      'Headers',
      headers === undefined
        ? undefined
        : Object.entries(headers)
            .map(([key, value]) => `${key}: ${value}`)
            .join('\n'),
    ],
  ];
  return html`<section aria-labelledby="facts">
    <h4 id="facts" class="soft">Details</h4>
    <dl class="facts">
      ${all.filter(([, value]) => value !== undefined).map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}
      ${
        haltedBy === undefined
          ? nothing
          : html`<dt>Lane halted by</dt><dd><button type="button" class="link" @click=${() => model.open(haltedBy)}>${shortId(haltedBy)}</button></dd>`
      }
    </dl>
  </section>`;
}
