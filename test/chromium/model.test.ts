import { describeModel } from '../../src/testing/model/suite.ts';
import { freshDatabase } from './fresh-database.ts';

describeModel('IndexedDB', freshDatabase, { operations: 16 });
