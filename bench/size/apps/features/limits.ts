import { limits } from 'holdfast';
import { open } from './open.ts';

open([limits({ push: { maxActive: 3 } })]);
