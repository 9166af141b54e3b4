import { schedules } from 'holdfast';
import { open } from './open.ts';

open([schedules()]);
