import { server } from 'vitest/browser';
import { describeJobStore } from '../../src/testing/conformance/index.ts';
import { draw, drawnName } from './drawn.ts';
import { freshDatabase } from './fresh-database.ts';

/** The only one of three engines that may hold no Blobs: it depends on its version and on whether the window is private. */
const isWebKit = server.browser === 'webkit';

describeJobStore(drawnName('IndexedDB'), freshDatabase, {
  blobs: isWebKit ? 'either' : true,
  losesRows: true,
  ...(draw && { draw }),
});
