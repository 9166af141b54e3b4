import { NO_FEATURES } from '../../core/kernel/features.ts';
import type { FeatureKind } from '../../core/kernel/records.ts';
import type { Rows } from '../../core/kernel/rows.ts';
import { read, type Step } from '../../core/kernel/step.ts';
import type { Feature } from '../../core/queue/feature.ts';
import { everyFeature } from '../every-feature.ts';
import { storeCalls } from '../store-calls.ts';
import { Opening } from './opening.ts';
import { QUEUE, type Scene } from './scene.ts';

/** What a witness has heard, as a record of its own. */
interface HeardRow {
  readonly lines: readonly string[];
}

const HEARD = 'heard' as FeatureKind<HeardRow>;

function* write(rows: Rows, name: string, line: string): Step<void> {
  const before = yield* read(rows.record(HEARD, name));
  rows.putRecord(HEARD, name, { lines: [...(before?.lines ?? []), line] });
}

/** A feature made for tests: it writes down what it hears of jobs that owe it their ends. */
export const witness = (name = 'witness'): Feature => ({
  name,
  order: 0,
  *leaves(rows, _, { job, end, result }) {
    const returned = result === undefined ? '' : ` ${JSON.stringify(rows.codec.reveal(result.stored))}`;
    yield* write(rows, name, `${job.id} ${job.damage === undefined ? end : 'damaged'}${returned}`);
  },
  *returns(rows, _, { id }) {
    yield* write(rows, name, `${id} lives again`);
  },
});

/** Another opening of the scene's database, of a page with these features and all others. */
export async function openWith(scene: Scene, ...use: readonly Feature[]): Promise<Opening> {
  return new Opening(storeCalls(await scene.harness.open(), [...everyFeature(), ...use]), QUEUE);
}

/** The same of a page that has these in use, and nothing else. */
export const openOnly = async (scene: Scene, ...use: readonly Feature[]): Promise<Opening> =>
  new Opening(storeCalls(await scene.harness.open(), use), QUEUE);

/** The same of a page that has nothing in use. */
export const openBare = (scene: Scene): Promise<Opening> => openOnly(scene);

/** Runs in one transaction, with the rows themselves, as a page that has nothing in use. */
export const within = <A>({ store, queue }: Opening, run: (rows: Rows) => Step<A>): Promise<A> =>
  store.transact({ queue, name: 'within', kind: 'drainer', features: NO_FEATURES, run });

/** In the order in which it heard it. */
export const heardBy = (opening: Opening, name = 'witness') =>
  within(opening, function* (rows) {
    return (yield* read(rows.record(HEARD, name)))?.lines ?? [];
  });
