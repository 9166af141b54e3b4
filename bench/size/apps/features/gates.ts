import { gates } from 'holdfast';
import { open } from './open.ts';

open([gates({})]);
