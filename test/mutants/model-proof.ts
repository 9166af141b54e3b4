/** The model test by itself, over fake-indexeddb: prints `{ broken? }`, what the two stores or the laws do not agree on. */
import 'fake-indexeddb/auto';
import { runModel } from '../../src/testing/model/run.ts';
import { freshDatabase } from '../chromium/fresh-database.ts';

/** As many walks as suffice for the planted defects, from the first on: by a path, as then no smaller one is looked for. */
const WALKS = { runs: 300, operations: 30, replay: { path: '0' }, limitMs: 200_000 };
const COUNTEREXAMPLE = 'Property failed';

try {
  await runModel(freshDatabase, WALKS);
  console.log('{}');
} catch (error) {
  if (!(error instanceof Error) || !error.message.startsWith(COUNTEREXAMPLE)) throw error;
  const { message } = error.cause instanceof Error ? error.cause : error;
  console.log(JSON.stringify({ broken: message.split('\n', 1)[0] }));
}
process.exit();
