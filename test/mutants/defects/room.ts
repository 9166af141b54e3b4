import type { Defect } from '../defect.ts';

export const roomDefects: readonly Defect[] = [
  {
    name: 'a running job is dropped',
    file: 'src/core/features/drop/make-room.ts',
    replace: ['const spared = claimedIds(yield* read(rows.claims()));', 'const spared = new Set<string>();'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job is dropped for a lower one',
    file: 'src/core/features/drop/victims.ts',
    replace: ['victim.row.rank < guest.rank', 'victim.row.rank < guest.rank - 1_000'],
    caughtBy: ['conformance', 'model'],
  },
  {
    name: 'a dropped job is not counted',
    file: 'src/core/features/drop/drop-for.ts',
    replace: ['control.dropped = (control.dropped ?? 0) + 1;', ''],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'the lane of a dropped head stops',
    file: 'src/core/features/drop/drop-for.ts',
    replace: ["of ['parked', 'jobs'] as const", "of ['jobs', 'parked'] as const"],
    caughtBy: ['conformance'],
  },
  {
    name: 'a limit for the delayed lets delayed jobs in',
    file: 'src/core/kernel/load.ts',
    replace: ["if (row.due > now && held?.at !== 'parked') growth.delayed += 1;", ''],
    caughtBy: ['conformance'],
  },
];
