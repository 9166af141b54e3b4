import {
  batch,
  count,
  createQueue,
  defineJobs,
  type EnqueueItem,
  enqueueFlow,
  enqueueMany,
  explain,
  flows,
  job,
  memoryStore,
  type Queue,
  work,
} from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';

const jobs = defineJobs({
  'photo.upload': job<{ file: string }>({ maxAttempts: 3 }),
  'album.make': job<{ title: string }>(),
  'friends.tell': job<null>(),
  'import.report': job<{ source: string }>(),
});

const setPhotos = () => {
  const environment = fakeEnvironment();
  return {
    environment,
    queue: createQueue({ name: 'photos', jobs, store: memoryStore(), environment, use: [flows()] }),
  };
};

function* uploads(count: number): Generator<EnqueueItem<typeof jobs>> {
  for (let i = 1; i <= count; i++) yield { name: 'photo.upload', payload: { file: `${i}.jpg` } };
}

async function* rowsOf(files: AsyncIterable<string>): AsyncGenerator<EnqueueItem<typeof jobs>> {
  for await (const file of files) yield { name: 'photo.upload', payload: { file } };
}

async function uploadAll(queue: Queue<typeof jobs>, files: AsyncIterable<string>, signal: AbortSignal) {
  const { enqueued, refused, errors } = await enqueueMany(queue, rowsOf(files), {
    chunkSize: 200,
    ratePerSecond: 1_000,
    continueOnError: true,
    signal,
    onProgress: (progress) => console.assert(progress.refused === 0),
  });
  return { enqueued, refused, firstError: errors[0] };
}

async function importAll(queue: Queue<typeof jobs>, source: string) {
  const opened = await batch(queue, {
    id: `import-${source}`,
    whenDone: { name: 'import.report', payload: { source } },
  });
  await opened.add(uploads(3));
  await opened.add(uploads(2), { chunkSize: 100 });
  await opened.close();
  return opened.counts();
}

const makeAlbum = (queue: Queue<typeof jobs>) =>
  enqueueFlow(queue, {
    sea: { name: 'photo.upload', payload: { file: 'sea.jpg' } },
    hills: { name: 'photo.upload', payload: { file: 'hills.jpg' } },
    album: {
      name: 'album.make',
      payload: { title: 'Summer' },
      dependsOn: ['sea', 'hills'],
      onDependencyDeath: 'run',
    },
    tell: { name: 'friends.tell', payload: null, dependsOn: 'album' },
  });

describe('the examples of docs/many-jobs.md and docs/features/flows.md', () => {
  it('enqueue what an iterable gives, chunk by chunk', async () => {
    const { queue, environment } = setPhotos();
    async function* files() {
      for (let i = 0; i < 500; i++) yield `${i}.jpg`;
    }
    const { signal } = new AbortController();
    const done = uploadAll(queue, files(), signal);
    await environment.advance(400);
    expect(await done).toEqual({ enqueued: 500, refused: 0, firstError: undefined });
    expect(await count(queue)).toMatchObject({ pending: 500 });
  });

  it('let a note wait for its photo', async () => {
    const queue = createQueue({
      name: 'notes',
      jobs: defineJobs({ 'photo.push': job<string>(), 'note.push': job<string>() }),
      store: memoryStore(),
      use: [flows()],
    });
    const { id } = await queue.enqueue('photo.push', 'sea.jpg');
    await queue.enqueue('note.push', 'At the sea', { dependsOn: id });
    expect(await count(queue)).toMatchObject({ pending: 2 });
    await queue.close();
  });

  it('count a batch and report once it is over', async () => {
    const { queue, environment } = setPhotos();
    const reports: unknown[] = [];
    const worker = work(queue, {
      'photo.upload': () => {},
      'import.report': ({ source }, { job: { results } }) => {
        reports.push([source, results?.batch]);
      },
    });
    expect(await importAll(queue, 'phone')).toMatchObject({ total: 5, closed: true });
    await environment.advance(0);
    expect(reports).toEqual([['phone', { total: 5, completed: 5, dead: 0, cancelled: 0 }]]);
    await worker.stop();
  });

  it('hand results on, and make the album without a photo that died', async () => {
    const { queue, environment } = setPhotos();
    const albums: unknown[] = [];
    let told = 0;
    const worker = work(queue, {
      'photo.upload': ({ file }) => {
        if (file === 'hills.jpg') throw new Error('no such file');
        return `https://photos.example/${file}`;
      },
      'album.make': ({ title }, { job: { results = {} } }) => {
        albums.push([title, results]);
      },
      'friends.tell': () => {
        told += 1;
      },
    });
    const { tell } = await makeAlbum(queue);
    expect((await explain(queue, tell.id))?.waits[0]).toMatchObject({ why: 'dependencies' });
    await environment.advance(60_000);
    expect(albums).toEqual([['Summer', { sea: 'https://photos.example/sea.jpg' }]]);
    expect(told).toBe(1);
    await worker.stop();
  });

  it('let a handler split its work and wait for the parts', async () => {
    const { queue, environment } = setPhotos();
    await queue.enqueue('album.make', { title: 'Winter' });
    const ran: string[] = [];
    const worker = work(queue, {
      'album.make': (_, { enqueue }) => {
        const parts = ['ice.jpg', 'snow.jpg'].map((file) => enqueue('photo.upload', { file }));
        enqueue('friends.tell', null, { dependsOn: parts });
      },
      'photo.upload': ({ file }) => void ran.push(file),
      'friends.tell': () => void ran.push('told'),
    });
    await environment.advance(0);
    expect(ran).toEqual(['ice.jpg', 'snow.jpg', 'told']);
    await worker.stop();
  });
});
