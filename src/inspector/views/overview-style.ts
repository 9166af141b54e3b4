import { css } from 'lit';

export const overviewStyle = css`
  .overview {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.75rem;
    padding: 0.875rem;
    max-inline-size: 76rem;
    margin-inline: auto;
  }
  .figures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr));
    gap: 0.75rem;
  }
  .figure {
    display: grid;
    grid-template-columns: 1fr auto;
    align-items: end;
    gap: 0 0.5rem;
    padding: 0.625rem 0.875rem;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--paper);
    text-align: start;
  }
  button.figure:hover {
    border-color: var(--line-strong);
  }
  .figure .label {
    display: flex;
    align-items: center;
    gap: 0.4rem;
    color: var(--ink-soft);
    font-weight: 500;
  }
  .figure .value {
    grid-row: 2;
    font-size: 1.5rem;
    line-height: 1.9rem;
    font-weight: 600;
    letter-spacing: -0.02em;
    font-variant-numeric: tabular-nums;
  }
  .figure .hint {
    grid-column: 1 / -1;
    color: var(--ink-soft);
    font-size: 0.75rem;
  }
  .figure svg {
    grid-row: 1 / span 2;
    grid-column: 2;
    inline-size: 4.5rem;
    block-size: 2rem;
    color: var(--accent);
  }
  .alerts {
    display: grid;
    gap: 0.5rem;
  }
  .alert {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 0.75rem;
    padding: 0.5rem 0.875rem;
    border: 1px solid var(--line);
    border-inline-start: 3px solid var(--warn);
    border-radius: var(--radius);
    background: var(--warn-ground);
  }
  .alert p {
    flex: 1 1 16rem;
  }
  .alert strong {
    font-weight: 600;
  }
  .scroll {
    overflow-x: auto;
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 0.4rem 0.875rem;
    text-align: end;
    white-space: nowrap;
  }
  th:first-child,
  td:first-child {
    text-align: start;
  }
  thead th {
    color: var(--ink-soft);
    font-weight: 500;
    font-size: 0.75rem;
  }
  tbody tr {
    border-block-start: 1px solid var(--line);
  }
  tbody th {
    font-weight: 500;
  }
  .link {
    padding: 0;
    border: 0;
    background: none;
    font-weight: 500;
    text-align: start;
  }
  .link:hover {
    text-decoration: underline;
  }
  .workers li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 0.75rem;
    padding: 0.4rem 0.875rem;
    border-block-start: 1px solid var(--line);
  }
  .workers .jobs {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem;
  }
  .crew > p {
    padding: 0.25rem 0.875rem 0.75rem;
  }
`;
