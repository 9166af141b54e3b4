import {
  checkpoints,
  createQueue,
  defineJobs,
  explain,
  flows,
  get,
  type JobOf,
  job,
  list,
  memoryStore,
  result,
  results,
  work,
} from 'holdfast';

interface Note {
  readonly id: string;
  readonly at: Date;
}

const jobs = defineJobs({
  'note.push': job<Note, { results: { photo: { url: string } } }>({ maxAttempts: 8 }),
  'photo.shrink': job<Uint8Array, { result: { url: string }; progress: number; checkpoint: number }>(),
});

const queue = createQueue({
  name: 'sync',
  jobs,
  store: memoryStore(),
  use: [results(), checkpoints(), flows()],
});

work(queue, {
  'note.push': async ({ id, at }, { signal }) => {
    signal.throwIfAborted();
    console.log(id, at.getTime());
  },
  'photo.shrink': async (pixels, { job: { checkpoint = 0 }, progress }) => {
    progress(checkpoint / pixels.length);
    return { url: '/small.png' };
  },
});

export async function read(): Promise<string | undefined> {
  const { id } = await queue.enqueue('photo.shrink', new Uint8Array(4), { keepResultMs: 60_000 });
  const { url } = await result(queue, id);
  const one: JobOf<typeof jobs> | undefined = await get(queue, url);
  if (one?.name === 'note.push') return one.payload.at.toISOString();
  const { jobs: dead } = await list(queue, { state: 'dead', name: 'note.push' });
  return dead[0]?.payload.id;
}

queue.on('job:dead', ({ job: dead }) => {
  if (dead.name === 'photo.shrink') console.log(dead.payload.byteLength.toFixed(), dead.progress?.toFixed());
});

/** What features add to a job and to the reasons why it waits. */
export async function explainOne(id: string): Promise<string> {
  const { job: one, waits } = (await explain(queue, id)) ?? { job: undefined, waits: [] };
  if (one?.rateKey !== undefined || one?.tick !== undefined) return one.name;
  if (one?.name === 'note.push') return one.results?.photo?.url ?? String(one.dependsOn?.length);
  return waits.some(({ why }) => why === 'gate' || why === 'rate' || why === 'dependencies')
    ? 'waits'
    : 'next';
}

// @ts-expect-error a function cannot be stored
job<{ readonly done: () => void }>();
// @ts-expect-error the payload of another job
void queue.enqueue('note.push', new Uint8Array(4));
