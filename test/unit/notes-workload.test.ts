import { shorten, simulate, type Workload } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { notes } from './notes-workload.ts';

describe('notes in a simulation', () => {
  it('are all pushed, and no edit is undone by an older one', async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const report = await simulate({ seed, workload: notes() });
      expect(report.violation, report.trace.join('\n')).toBeUndefined();
    }
  });

  it('are undone by a late write of a frozen tab when the server does not look at fences', async () => {
    const broken = await firstBroken(notes(false));
    expect(broken.violation).toMatchObject({ rule: 'check', text: expect.stringContaining('was undone by') });
  });

  it('break their promise again when what had nothing to do with it is left out', async () => {
    const workload = notes(false);
    const broken = await firstBroken(workload);
    const { without, report } = await shorten({ seed: broken.seed, workload }, broken);
    expect(report.ids.length).toBeLessThan(broken.ids.length / 2);
    expect(await simulate({ seed: broken.seed, workload, without })).toEqual(report);
  });
});

async function firstBroken(workload: () => Workload) {
  for (let seed = 1; seed <= 500; seed++) {
    const report = await simulate({ seed, workload });
    if (report.violation !== undefined) return report;
  }
  throw new Error('no seed broke it');
}
