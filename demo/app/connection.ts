import { createSwitch, type Switch } from './gate.ts';

const KEY = 'kelp:offline';

/**
 * The app's own offline switch. It is kept in localStorage, so that every tab has the same and a reload keeps it;
 * a worker cannot read that and is told by its page (see sync-host.ts).
 */
export function createConnectionSwitch(): Switch {
  const read = (): boolean => localStorage.getItem(KEY) !== 'yes';
  const shown = createSwitch(read());
  window.addEventListener('storage', (event) => {
    if (event.key === KEY || event.key === null) shown.set(read());
  });
  return {
    ...shown,
    set(open) {
      if (open) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, 'yes');
      shown.set(open);
    },
  };
}
