import { checkpoints } from 'holdfast';
import { open } from './open.ts';

open([checkpoints()]);
