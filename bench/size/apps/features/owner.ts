import { owner } from 'holdfast';
import { open } from './open.ts';

open([owner('a')]);
