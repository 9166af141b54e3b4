import { byId, make, setText, syncChildren } from '../element.ts';
import type { Model } from '../model.ts';

const ROWS = 12;

/** What the server received, by idempotency key, and what this tab did: the latest first. */
export function createRecords(): (model: Model) => void {
  const received = byId('received-rows', HTMLTableSectionElement);
  const lines = byId('activity-lines', HTMLOListElement);
  return ({ server, activity }) => {
    const keys = [...(server?.keys ?? [])].reverse().slice(0, ROWS);
    syncChildren(
      received,
      keys,
      ({ key }) => key,
      () => make('tr', '', ...Array.from({ length: 5 }, () => make('td'))),
      (row, { method, title, revision, received: times, applied, lastStatus }) => {
        const gone = method === 'DELETE';
        const cells = [
          title || (gone ? 'A note' : 'Untitled'),
          gone ? 'delete' : String(revision),
          `${times} ×`,
          `${applied} ×`,
          String(lastStatus),
        ];
        for (const [i, text] of cells.entries()) setText(row.children[i] as Element, text);
      },
    );
    syncChildren(
      lines,
      activity,
      ({ id }) => String(id),
      () => make('li', '', make('time'), make('span')),
      (line, { at, words }) => {
        const [time, said] = line.children;
        if (time) setText(time, new Date(at).toLocaleTimeString());
        if (said) setText(said, words);
      },
    );
  };
}
