/** Writes `llms.txt`, which is in the package beside `docs`. */
import { writeFileSync } from 'node:fs';
import { llmsText } from '../site/llms.ts';

writeFileSync('llms.txt', llmsText('docs/'));
