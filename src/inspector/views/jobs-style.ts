import { css } from 'lit';

export const jobsStyle = css`
  .filters {
    position: sticky;
    inset-block-start: 0;
    z-index: 1;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem;
    padding: 0.5rem 0.875rem;
    border-block-end: 1px solid var(--line);
    background: var(--ground);
  }
  .filters .search {
    flex: 1 1 8rem;
    max-inline-size: 20rem;
  }
  .states {
    display: inline-flex;
    padding: 2px;
    border: 1px solid var(--line);
    border-radius: 8px;
    background: var(--paper);
  }
  .states button {
    display: inline-flex;
    align-items: center;
    gap: 0.35rem;
    block-size: 1.5rem;
    padding: 0 0.5rem;
    border: 0;
    border-radius: 6px;
    background: none;
    color: var(--ink-soft);
    font-weight: 500;
  }
  .states button[aria-pressed='true'] {
    background: var(--chosen);
    color: var(--ink);
  }
  .bulk {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem;
    padding: 0.375rem 0.875rem;
    border-block-end: 1px solid var(--line);
    min-block-size: 2.5rem;
  }
  .bulk label {
    display: flex;
    align-items: center;
    gap: 0.625rem;
    margin-inline-end: auto;
    color: var(--ink-soft);
  }
  .rows {
    background: var(--paper);
    border-block-end: 1px solid var(--line);
  }
  .row {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    align-items: center;
    gap: 0.625rem;
    padding-inline-start: 0.875rem;
  }
  .row + .row {
    border-block-start: 1px solid var(--line);
  }
  .row:hover {
    background: var(--hover);
  }
  .row.chosen {
    background: var(--chosen);
  }
  .row > .open {
    display: grid;
    grid-template-columns: auto minmax(6rem, 14rem) minmax(0, 1fr) auto;
    align-items: center;
    gap: 0.125rem 0.75rem;
    inline-size: 100%;
    padding: 0.45rem 0.875rem 0.45rem 0;
    border: 0;
    background: none;
    text-align: start;
  }
  .row > .open:focus-visible {
    outline-offset: -2px;
  }
  .row .name {
    font-weight: 550;
  }
  .row .what {
    display: flex;
    align-items: center;
    gap: 0.375rem;
    min-inline-size: 0;
    color: var(--ink-soft);
  }
  .row .when {
    color: var(--ink-soft);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  input[type='checkbox'] {
    inline-size: 1rem;
    block-size: 1rem;
    margin: 0;
    accent-color: var(--accent-fill);
  }
  .pager {
    display: flex;
    justify-content: space-between;
    align-items: center;
    gap: 0.5rem;
    padding: 0.5rem 0.875rem;
    color: var(--ink-soft);
  }
  .pager .buttons {
    display: flex;
    gap: 0.5rem;
  }
  @container (max-width: 560px) {
    .filters .search {
      max-inline-size: none;
    }
    .filters select {
      max-inline-size: 6.75rem;
    }
    .row > .open {
      grid-template-columns: auto minmax(0, 1fr) auto;
    }
    .row .what {
      grid-row: 2;
      grid-column: 2 / -1;
    }
  }
`;
