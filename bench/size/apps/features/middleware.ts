import { middleware } from 'holdfast';
import { open } from './open.ts';

open([middleware([])]);
