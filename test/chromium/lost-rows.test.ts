import { describeLostRows } from './lost-rows-laws.ts';

describeLostRows();
