import { type EnqueueAnswer, StoreError } from '../core/index.ts';
import { type Group, isDoubtful, type Left, type Partly } from '../core/queue/committer.ts';

/** What became of one job of a call. */
type JobEnd = { readonly answer: EnqueueAnswer } | { readonly reason: unknown };

/** Of a call that went to several objects: what became of each job, by its index. */
export class PartlyAccepted extends StoreError implements Partly {
  readonly ends: readonly JobEnd[];

  constructor(ends: readonly JobEnd[]) {
    const cause = ends.flatMap((end) => ('reason' in end ? [end.reason] : []))[0];
    super('a part of the jobs was stored: repeat all with the same ids', { retryable: true, cause });
    this.ends = ends;
  }

  leftOf(groups: readonly Group[]): readonly Left[] {
    const left: Left[] = [];
    let from = 0;
    for (const group of groups) {
      const those = this.ends.slice(from, from + group.jobs.length);
      from += group.jobs.length;
      const reasons = those.flatMap((end) => ('reason' in end ? [end.reason] : []));
      const jobs = group.jobs.filter((_, i) => 'reason' in (those[i] as JobEnd));
      const accept = (answers: readonly EnqueueAnswer[]) => {
        const rest = answers.values();
        group.accept(
          those.map((end) => ('reason' in end ? (rest.next().value as EnqueueAnswer) : end.answer)),
        );
      };
      if (jobs.length === 0) accept([]);
      else left.push({ group: { ...group, jobs, accept }, error: reasons.find(isDoubtful) ?? reasons[0] });
    }
    return left;
  }
}
