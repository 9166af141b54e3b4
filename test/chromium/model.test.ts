import { describeModel } from '../../src/testing/model/suite.ts';
import { draw, drawnName } from './drawn.ts';
import { freshDatabase } from './fresh-database.ts';

const WALKS = 1_000;

describeModel(drawnName('IndexedDB'), freshDatabase, {
  operations: 16,
  ...(draw && { seed: draw.seed, runs: Math.ceil(WALKS * draw.share) }),
});
