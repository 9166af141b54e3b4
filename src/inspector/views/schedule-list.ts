import { html, nothing, type TemplateResult } from 'lit';
import type { Schedule } from '../../core/index.ts';
import type { InspectorModel } from '../model.ts';
import type { Shown } from '../shown.ts';
import { clockTime, instant, relative } from '../words/durations.ts';
import { nextTicks, recurrenceWords } from '../words/recurrences.ts';
import { shortId } from './overview.ts';

const TICKS = 3;

/** The schedules of the queue, with their next ticks in words. */
export function scheduleList(shown: Shown, model: InspectorModel): TemplateResult {
  const { schedules } = shown;
  if (schedules === undefined) return html`<p class="empty" aria-busy="true">Reading schedules…</p>`;
  if (schedules.length === 0)
    return html`<div class="empty"><strong>No schedules</strong>Recurring jobs are listed here once a worker declares them.</div>`;
  return html`<ul class="schedules">${schedules.map((one) => card(one, shown, model))}</ul>`;
}

function card(one: Schedule, { now, actions, isBusy }: Shown, model: InspectorModel): TemplateResult {
  const { id, name, rule, nextAt, lastAt, lastId, paused = false, missed, overlap } = one;
  const ticks = paused ? [] : (one.nextTicks ?? nextTicks(rule, nextAt, TICKS));
  return html`<li class="card schedule">
    <div class="line">
      <h3 class="cut">${id}</h3>
      ${paused ? html`<span class="pill"><span class="dot paused"></span>Paused</span>` : nothing}
    </div>
    <p>${name}, ${recurrenceWords(rule)}</p>
    <p class="soft number">
      ${
        paused
          ? 'No tick is fired until it is resumed.'
          : ticks.length === 0
            ? 'No tick is left.'
            : html`Next ${relative(ticks[0] ?? 0, now)}: ${ticks.map((at, i) => html`${i > 0 ? ' · ' : nothing}<time title=${instant(at)}>${clockTime(at, now)}</time>`)}`
      }
    </p>
    <p class="soft">
      ${lastAt === undefined ? 'It has not ticked yet.' : `Last tick ${relative(lastAt, now)}.`}
      ${missed === 'once' ? 'Missed ticks bring one job.' : missed === 'skip' ? 'Missed ticks are skipped.' : `Missed ticks bring up to ${missed.all} jobs.`}
      ${overlap ? nothing : 'One job at a time.'}
      ${lastId === undefined ? nothing : html`<button type="button" class="link" @click=${() => model.open(lastId)}>Last job ${shortId(lastId)}</button>`}
    </p>
    ${
      actions.includes('schedules')
        ? html`<div class="buttons">
            <button type="button" class="button" aria-label="Run now: ${id}" ?disabled=${isBusy} @click=${() => model.steer.trigger(id)}>Run now</button>
            <button
              type="button"
              class="button"
              aria-label="${paused ? 'Resume' : 'Pause'}: ${id}"
              ?disabled=${isBusy}
              @click=${() => model.steer.setSchedulePaused(id, !paused)}
            >
              ${paused ? 'Resume' : 'Pause'}
            </button>
          </div>`
        : nothing
    }
  </li>`;
}
