import { describeJobStore } from '../../src/testing/conformance/index.ts';
import { freshMemory } from './fresh-memory.ts';

describeJobStore('memory', freshMemory, { blobs: true });
