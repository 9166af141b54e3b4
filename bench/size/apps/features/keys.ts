import { keys } from 'holdfast';
import { open } from './open.ts';

open([keys()]);
