import { describeJobStore } from '../../src/testing/conformance/index.ts';
import { freshDatabase } from './fresh-database.ts';

describeJobStore('IndexedDB', freshDatabase, { blobs: true });
