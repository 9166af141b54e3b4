import type { SuiteName } from '../harness/measure.ts';
import type { Chart } from './chart.ts';

/** What is worth a picture. The names are those of the measures. */
export const CHARTS: Readonly<Record<SuiteName, readonly Chart[]>> = {
  memory: [
    {
      file: 'memory-rate.svg',
      title: 'In memory: whole lives of 100,000 jobs a second',
      unit: 'jobs/s',
      measures: ['whole life of 100000 jobs', 'whole life of 100000 jobs, enqueued one by one'],
    },
    {
      file: 'memory-heap.svg',
      title: 'In memory: heap that a waiting job holds, with its 200 bytes',
      unit: 'bytes',
      measures: ['heap per waiting job, 100000 waiting'],
    },
  ],
  indexeddb: [
    {
      file: 'indexeddb-rate.svg',
      title: 'In IndexedDB, in Chromium: whole lives of 10,000 jobs a second',
      unit: 'jobs/s',
      measures: ['whole life, bulk of 10000'],
    },
  ],
  'durable-object': [
    {
      file: 'durable-object-rate.svg',
      title: 'In a Durable Object: jobs a second',
      unit: 'jobs/s',
      measures: [
        'enqueue, an RPC a job, 64 at a time',
        'enqueue, an RPC for 100 jobs, 4 at a time',
        'drain, a handler that makes an RPC',
      ],
    },
    {
      file: 'durable-object-dollars.svg',
      title: 'In a Durable Object: dollars for a million jobs',
      unit: 'dollars, logarithmic',
      logarithmic: true,
      measures: [
        'a million jobs: burst of 1000 in batches of 100',
        'a million jobs: single jobs into an idle object',
        'a million jobs: single jobs onto 100000 waiting',
      ],
    },
    {
      file: 'durable-object-recovery.svg',
      title: 'In a Durable Object: seconds until all is done after kill -9',
      unit: 's',
      measures: ['all done after kill -9 and the restart'],
    },
  ],
  size: [
    {
      file: 'size.svg',
      title: 'What an app loads: minified, brotli',
      unit: 'bytes',
      measures: [
        'core with the memory store, brotli',
        'core with the IndexedDB store, idb included, brotli',
        'what the edge queue adds, without devalue, brotli',
      ],
    },
  ],
};
