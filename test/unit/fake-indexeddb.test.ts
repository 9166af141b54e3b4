import 'fake-indexeddb/auto';
import { describeJobStore } from '../../src/testing/conformance/index.ts';
import { freshDatabase } from '../chromium/fresh-database.ts';

describeJobStore('IndexedDB, fake', freshDatabase, { blobs: true, losesRows: true });
