import { schema } from 'holdfast';
import { open } from './open.ts';

open([schema()]);
