import { gates } from 'holdfast';
import { online } from 'holdfast/browser';
import { open } from './features/open.ts';

open([gates({ push: online() })]);
