import 'fake-indexeddb/auto';
import { describeLostRows } from '../chromium/lost-rows-laws.ts';

describeLostRows();
