import { css } from 'lit';

export const jobStyle = css`
  .job {
    display: grid;
    gap: 1rem;
    padding: 0.75rem 0.875rem 1.5rem;
  }
  .job > header {
    display: grid;
    gap: 0.5rem;
  }
  .job .top {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    min-inline-size: 0;
  }
  .job .top h3 {
    color: inherit;
    font-size: 0.9375rem;
  }
  .job .top .button {
    margin-inline-start: auto;
  }
  .job .id {
    overflow-wrap: anywhere;
    color: var(--ink-soft);
  }
  .job .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 0.375rem;
  }
  .job section {
    display: grid;
    gap: 0.5rem;
    min-inline-size: 0;
  }
  .reasons {
    display: grid;
    gap: 0.25rem;
    padding: 0.5rem 0.75rem;
    border-radius: var(--radius);
    background: var(--ground);
  }
  .reasons.attention {
    background: var(--warn-ground);
  }
  .timeline {
    position: relative;
    display: grid;
    gap: 0.625rem;
    padding-inline-start: 1.125rem;
  }
  .timeline::before {
    content: '';
    position: absolute;
    inset-block: 0.5rem;
    inset-inline-start: calc(0.25rem - 1px);
    inline-size: 2px;
    background: var(--line);
  }
  .timeline > li {
    position: relative;
    min-inline-size: 0;
  }
  .timeline > li > .dot {
    position: absolute;
    inset-inline-start: -1.125rem;
    inset-block-start: 0.35rem;
    outline: 3px solid var(--paper);
  }
  .timeline > li > .dot.pending {
    background: var(--paper);
  }
  .timeline .line {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 0.75rem;
  }
  .timeline time {
    color: var(--ink-soft);
    font-variant-numeric: tabular-nums;
  }
  .timeline .message {
    overflow-wrap: anywhere;
  }
  details > summary {
    cursor: pointer;
    color: var(--ink-soft);
  }
  pre {
    max-block-size: 22rem;
    padding: 0.625rem 0.75rem;
    overflow: auto;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--ground);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    tab-size: 2;
  }
  .facts {
    display: grid;
    grid-template-columns: minmax(6.5rem, auto) minmax(0, 1fr);
    gap: 0.25rem 0.875rem;
  }
  .facts dt {
    color: var(--ink-soft);
  }
  .facts dd {
    overflow-wrap: anywhere;
  }
  .graph {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 2.5rem minmax(0, 1fr);
    align-items: center;
  }
  .graph ul {
    display: grid;
    gap: 0.375rem;
  }
  .graph svg {
    inline-size: 100%;
    block-size: 100%;
    color: var(--line-strong);
  }
  .node {
    display: flex;
    align-items: center;
    gap: 0.375rem;
    inline-size: 100%;
    block-size: 1.75rem;
    padding: 0 0.5rem;
    border: 1px solid var(--line);
    border-radius: 6px;
    background: var(--raised);
    text-align: start;
  }
  button.node:hover {
    border-color: var(--line-strong);
  }
  .node.this {
    border-color: var(--accent);
  }
  .schedules {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr));
    gap: 0.75rem;
    padding: 0.875rem;
  }
  .schedule {
    display: grid;
    align-content: start;
    gap: 0.375rem;
    padding: 0.75rem 0.875rem;
  }
  .schedule .line {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    min-inline-size: 0;
  }
  .schedule .buttons {
    display: flex;
    gap: 0.375rem;
    margin-block-start: 0.25rem;
  }
  .schedule h3 {
    color: var(--ink);
    font-size: 0.8125rem;
  }
`;
