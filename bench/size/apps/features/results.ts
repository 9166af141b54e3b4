import { results } from 'holdfast';
import { open } from './open.ts';

open([results()]);
