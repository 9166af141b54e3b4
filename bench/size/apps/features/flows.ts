import { flows } from 'holdfast';
import { open } from './open.ts';

open([flows()]);
