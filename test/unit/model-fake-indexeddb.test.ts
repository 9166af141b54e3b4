import 'fake-indexeddb/auto';
import { describeModel } from '../../src/testing/model/suite.ts';
import { freshDatabase } from '../chromium/fresh-database.ts';

describeModel('IndexedDB, fake', freshDatabase, { operations: 20 });
