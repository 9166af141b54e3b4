import { middleware } from 'holdfast';
import { openTelemetry } from 'holdfast/opentelemetry';
import { open } from './features/open.ts';

open([middleware([openTelemetry()])]);
