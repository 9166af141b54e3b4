import { css } from 'lit';

/** Colours and sizes, in light and dark. Pages may set any of them on the element. */
export const tokens = css`
  :host {
    color-scheme: light dark;
    --paper: light-dark(#ffffff, #16181d);
    --ground: light-dark(#f7f8fa, #101216);
    --raised: light-dark(#ffffff, #1c1f26);
    --hover: light-dark(#f0f2f5, #21252d);
    --chosen: light-dark(#e8eefc, #222c45);
    --line: light-dark(#e3e6eb, #2a2e37);
    --line-strong: light-dark(#868d99, #6b7280);
    --ink: light-dark(#1a1d23, #e8eaee);
    --ink-soft: light-dark(#565d6b, #a3aab8);
    --accent: light-dark(#2f55d4, #8fa8ff);
    --accent-fill: light-dark(#2f55d4, #3c5bc7);
    --on-accent: #ffffff;
    --done: light-dark(#13714c, #5fcf9f);
    --busy: light-dark(#2f55d4, #8fa8ff);
    --wait: light-dark(#565d6b, #a3aab8);
    --warn: light-dark(#8a5200, #f0b860);
    --warn-ground: light-dark(#fff6e5, #2b2416);
    --dead: light-dark(#b3261e, #ff9f97);
    --dead-ground: light-dark(#fdeeed, #2f1c1c);
    --radius: 8px;
    --mono: ui-monospace, 'SF Mono', 'Cascadia Code', Menlo, Consolas, monospace;

    display: block;
    container-type: inline-size;
    min-block-size: 24rem;
    color: var(--ink);
    background: var(--ground);
    font: 0.8125rem / 1.45 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
    text-align: start;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
  :host([hidden]) {
    display: none;
  }
`;

/** What all sections are made of. */
export const parts = css`
  * {
    box-sizing: border-box;
  }
  h2,
  h3,
  h4,
  p,
  ul,
  ol,
  dl,
  dd,
  pre {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h2 {
    font-size: 0.9375rem;
    font-weight: 650;
  }
  h3 {
    font-size: 0.75rem;
    font-weight: 600;
    color: var(--ink-soft);
  }
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
  }
  button {
    cursor: pointer;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 1px;
  }
  .mono,
  pre,
  textarea {
    font-family: var(--mono);
    font-size: 0.75rem;
  }
  .soft {
    color: var(--ink-soft);
  }
  .number {
    font-variant-numeric: tabular-nums;
  }
  .cut {
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
    min-inline-size: 0;
  }
  .unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .button {
    display: inline-flex;
    align-items: center;
    gap: 0.35rem;
    block-size: 1.75rem;
    padding: 0 0.625rem;
    border: 1px solid var(--line);
    border-radius: 6px;
    background: var(--raised);
    font-weight: 500;
    white-space: nowrap;
  }
  .button:hover:not(:disabled) {
    background: var(--hover);
  }
  .button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  .button.first {
    border-color: transparent;
    background: var(--accent-fill);
    color: var(--on-accent);
  }
  .button.first:hover:not(:disabled) {
    background: var(--accent-fill);
    filter: brightness(1.08);
  }
  .button.risky {
    color: var(--dead);
  }
  .button.plain {
    border-color: transparent;
    background: none;
  }
  .field {
    block-size: 1.75rem;
    padding: 0 0.5rem;
    border: 1px solid var(--line-strong);
    border-radius: 6px;
    background: var(--paper);
    min-inline-size: 0;
  }
  .card {
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--paper);
  }
  .card > header {
    display: flex;
    align-items: baseline;
    gap: 0.5rem;
    padding: 0.625rem 0.875rem 0.375rem;
  }
  .pill {
    display: inline-flex;
    align-items: center;
    gap: 0.3rem;
    padding: 0 0.45rem;
    border: 1px solid var(--line);
    border-radius: 99px;
    background: var(--paper);
    font-size: 0.6875rem;
    line-height: 1.125rem;
    font-weight: 500;
    white-space: nowrap;
  }
  .tag {
    padding: 0 0.35rem;
    border-radius: 4px;
    background: var(--hover);
    color: var(--ink-soft);
    font-size: 0.6875rem;
    line-height: 1.125rem;
    white-space: nowrap;
  }
  .dot {
    flex: none;
    inline-size: 0.5rem;
    block-size: 0.5rem;
    border-radius: 50%;
    background: var(--wait);
  }
  .dot.active {
    background: var(--busy);
  }
  .dot.completed,
  .dot.running {
    background: var(--done);
  }
  .dot.dead {
    background: var(--dead);
  }
  .dot.cancelled {
    background: var(--line-strong);
  }
  .dot.pending {
    background: none;
    border: 2px solid var(--wait);
  }
  .dot.paused,
  .dot.late {
    background: var(--warn);
  }
  .failing {
    color: var(--dead);
  }
  .late {
    color: var(--warn);
  }
  .empty {
    display: grid;
    justify-items: center;
    gap: 0.25rem;
    padding: 3rem 1rem;
    color: var(--ink-soft);
    text-align: center;
  }
  .empty strong {
    color: var(--ink);
    font-weight: 600;
  }
  @media (prefers-reduced-motion: no-preference) {
    .dot.active {
      animation: breathe 1.6s ease-in-out infinite;
    }
    @keyframes breathe {
      50% {
        opacity: 0.4;
      }
    }
  }
`;

/** Where things stand. */
export const layout = css`
  .inspector {
    position: relative;
    display: grid;
    grid-template: auto auto 1fr / minmax(0, 1fr);
    min-block-size: inherit;
    block-size: 100%;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 1rem;
    padding: 0.5rem 0.875rem;
    border-block-end: 1px solid var(--line);
    background: var(--paper);
  }
  .title {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    min-inline-size: 0;
  }
  .sections {
    display: flex;
    gap: 0.125rem;
    margin-inline-end: auto;
    overflow-x: auto;
  }
  .sections button {
    display: inline-flex;
    align-items: center;
    gap: 0.35rem;
    block-size: 1.75rem;
    padding: 0 0.625rem;
    border: 0;
    border-radius: 6px;
    background: none;
    color: var(--ink-soft);
    font-weight: 500;
    white-space: nowrap;
  }
  .sections button:hover {
    background: var(--hover);
    color: var(--ink);
  }
  .sections button[aria-current] {
    background: var(--chosen);
    color: var(--ink);
  }
  .sections .badge {
    min-inline-size: 1.125rem;
    padding: 0 0.3rem;
    border-radius: 99px;
    background: var(--dead-ground);
    color: var(--dead);
    font-size: 0.6875rem;
    line-height: 1.125rem;
    font-weight: 600;
  }
  .notice {
    display: flex;
    align-items: center;
    gap: 0.75rem;
    padding: 0.375rem 0.875rem;
    border-block-end: 1px solid var(--line);
    background: var(--chosen);
  }
  .notice.failed {
    background: var(--dead-ground);
    color: var(--dead);
  }
  .notice .button {
    margin-inline-start: auto;
  }
  .body {
    min-block-size: 0;
    min-inline-size: 0;
    overflow: auto;
  }
  .columns {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    min-block-size: 100%;
  }
  .drawer:focus {
    outline: none;
  }
  .drawer {
    border-inline-start: 1px solid var(--line);
    background: var(--paper);
    min-inline-size: 0;
    overflow: auto;
  }
  @container (max-width: 560px) {
    .title {
      flex: 1;
    }
    .sections {
      order: 1;
      flex-basis: 100%;
      margin-inline: -0.375rem;
    }
    .sections button {
      padding-inline: 0.45rem;
    }
  }
  @container (min-width: 900px) {
    .columns.opened {
      grid-template-columns: minmax(0, 1fr) minmax(24rem, 42%);
    }
    .columns.opened .drawer {
      position: sticky;
      inset-block-start: 0;
      max-block-size: 100cqb;
    }
  }
  @container (max-width: 899px) {
    .columns.opened > .view {
      display: none;
    }
    .drawer {
      border-inline-start: 0;
    }
  }
  dialog {
    inline-size: min(34rem, calc(100vw - 2rem));
    padding: 0;
    border: 1px solid var(--line);
    border-radius: 12px;
    background: var(--raised);
    color: var(--ink);
    box-shadow: 0 20px 60px #0005;
  }
  dialog::backdrop {
    background: #0007;
  }
  dialog form {
    display: grid;
    gap: 0.75rem;
    padding: 1rem;
  }
  dialog label,
  dialog fieldset {
    display: grid;
    gap: 0.25rem;
    font-weight: 500;
  }
  dialog textarea {
    inline-size: 100%;
    min-block-size: 11rem;
    padding: 0.5rem;
    border: 1px solid var(--line-strong);
    border-radius: 6px;
    background: var(--paper);
    resize: vertical;
  }
  dialog .two {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr));
    gap: 0.75rem;
  }
  dialog .buttons {
    display: flex;
    justify-content: flex-end;
    gap: 0.5rem;
  }
  dialog .wrong {
    color: var(--dead);
    font-weight: 400;
  }
`;
