import { drop } from 'holdfast';
import { open } from './open.ts';

open([drop('oldest')]);
