import { describeJobStore } from '../../src/testing/index.ts';
import { freshDatabase } from './fresh-database.ts';

describeJobStore('IndexedDB', freshDatabase, { blobs: true });
