import 'fake-indexeddb/auto';
import { describeDamage } from '../chromium/damage-laws.ts';
import { damagedDatabase } from '../chromium/damaged-database.ts';

describeDamage('IndexedDB, fake', damagedDatabase);
