import {
  checkpoints,
  createQueue,
  defineJobs,
  get,
  type JobOf,
  job,
  memoryStore,
  result,
  results,
  work,
} from 'holdfast';

interface Photo {
  readonly name: string;
  readonly pixels: Uint8Array;
}

const jobs = defineJobs({
  'mail.send': job<{ to: string }>(),
  'photo.shrink': job<Photo, { result: { url: string }; progress: number; checkpoint: { row: number } }>(),
});

export const queue = createQueue({
  name: 'sync',
  jobs,
  store: memoryStore(),
  use: [results(), checkpoints()],
});

export const worker = work(queue, {
  'mail.send': async ({ to }) => console.log(to),
  'photo.shrink': async ({ name, pixels }, { job: { checkpoint }, progress }) => {
    progress((checkpoint?.row ?? 0) / pixels.length); // a number
    return { url: `/small/${name}` }; // what `result` says
  },
});

export async function shrink(photo: Photo): Promise<string> {
  const { id } = await queue.enqueue('photo.shrink', photo, { keepResultMs: 60_000 });
  const { url } = await result(queue, id); // the id knows its job
  return url;
}

export async function describeJob(id: string): Promise<string | undefined> {
  const one = await get(queue, id);
  return one && describe(one);
}

function describe(one: JobOf<typeof jobs>): string {
  if (one.name === 'mail.send') return `a mail to ${one.payload.to}`;
  return `the photo ${one.payload.name}, ${one.payload.pixels.length} bytes`;
}
