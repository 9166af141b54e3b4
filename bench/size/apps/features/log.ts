import { log } from 'holdfast';
import { open } from './open.ts';

open([log({ size: 100 })]);
