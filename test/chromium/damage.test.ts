import { describeDamage } from './damage-laws.ts';
import { damagedDatabase } from './damaged-database.ts';

describeDamage('IndexedDB', damagedDatabase);
