import type { ShownJob } from './shown.ts';

/** What has to be said before something is done. */
export interface Ask {
  confirm(title: string, text: string, label: string, run: () => void): void;
  edit(job: ShownJob): void;
}
