import { html, nothing, type TemplateResult } from 'lit';
import type { InspectorModel } from '../model.ts';
import type { Section, Shown } from '../shown.ts';
import { count } from '../words/numbers.ts';

const SECTIONS: readonly (readonly [Section, string])[] = [
  ['overview', 'Overview'],
  ['jobs', 'Jobs'],
  ['dead', 'Dead letters'],
  ['schedules', 'Schedules'],
];

/** The state of the queue in one word, and the class of its dot. */
function statusOf({ stats, failure }: Shown): readonly [dot: string, word: string] {
  if (failure !== undefined) return ['dead', 'Not reached'];
  if (stats === undefined) return ['', 'Reading'];
  if (stats.counts.paused) return ['paused', 'Paused'];
  if (stats.closedTargets.length > 0) return ['paused', 'Outage'];
  return stats.counts.active > 0 ? ['active', 'Working'] : ['running', 'Idle'];
}

/** The bar at the top. */
export function bar(shown: Shown, model: InspectorModel): TemplateResult {
  const [dot, word] = statusOf(shown);
  const { dead = 0, paused = false } = shown.stats?.counts ?? {};
  return html`<header class="bar">
    <div class="title">
      <h2 class="cut" title=${shown.queue}>${shown.queue.replace(/^https?:\/\//, '')}</h2>
      <span class="pill"><span class="dot ${dot}"></span>${word}</span>
    </div>
    <nav class="sections" aria-label="Sections of the queue">
      ${SECTIONS.map(
        ([section, label]) =>
          html`<button
            type="button"
            aria-current=${shown.section === section ? 'page' : nothing}
            @click=${() => model.show(section)}
          >
            ${label}${
              section === 'dead' && dead > 0
                ? html`<span class="badge number">${count(dead)}</span>`
                : nothing
            }
          </button>`,
      )}
    </nav>
    ${
      shown.actions.includes('pause') && shown.stats !== undefined
        ? html`<button
            type="button"
            class="button"
            ?disabled=${shown.isBusy}
            @click=${() => model.steer.setPaused(!paused)}
          >
            ${paused ? 'Resume queue' : 'Pause queue'}
          </button>`
        : nothing
    }
  </header>`;
}

/** What an action came to, or why nothing could be read. Said to screen readers as it changes. */
export function notices({ notice, failure }: Shown, model: InspectorModel): TemplateResult {
  const said = notice ?? (failure === undefined ? undefined : { kind: 'failed' as const, text: failure });
  return html`<div role="status">
    ${
      said === undefined
        ? nothing
        : html`<div class="notice ${said.kind}">
            <span>${said.text}</span>
            ${
              notice === undefined
                ? nothing
                : html`<button type="button" class="button plain" @click=${() => model.dismiss()}>Dismiss</button>`
            }
          </div>`
    }
  </div>`;
}
