import {
  defineJobs,
  type EnqueueOptions,
  enqueueMany,
  expose,
  get,
  InvalidOptionError,
  job,
  remoteQueue,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { setScene } from './scene.ts';

const jobs = defineJobs({ push: job<unknown>() });
const long = 'x'.repeat(1_025);
const entries = (count: number, text: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`h${i}`, text]));

const bad: [string, object, string][] = [
  ['headers are a list', { headers: ['a'] }, 'headers is an array: expected an object of names and texts'],
  [
    'headers are a Map',
    { headers: new Map() },
    'headers is an object: expected an object of names and texts',
  ],
  ['headers are Headers', { headers: new Headers() }, 'headers is an object: expected an object of names'],
  ['headers are null', { headers: null }, 'headers is null: expected an object of names and texts'],
  [
    'a header is no text',
    { headers: { n: 5 } },
    'headers["n"] is 5: expected a text of at most 1024 characters',
  ],
  ['a header is too long', { headers: { n: long } }, 'expected a text of at most 1024 characters'],
  [
    'a header has a line break',
    { headers: { n: 'a\r\nb' } },
    'without control characters and lone surrogates',
  ],
  ['a header’s name is empty', { headers: { '': 'x' } }, 'a name in headers is ""'],
  ['headers are too many', { headers: entries(33, '') }, 'headers.length is 33: expected at most 32 headers'],
  ['headers are too long', { headers: entries(5, 'x'.repeat(900)) }, 'expected at most 4096 in all'],
  ['tags are no list', { tags: 'eu' }, 'tags is "eu": expected an array'],
  ['tags are too many', { tags: Array(17).fill('t') }, 'tags.length is 17: expected at most 16'],
  ['a tag is no text', { tags: ['eu', 5] }, 'tags[1] is 5: expected a text of 1 to 512 characters'],
  ['a tag is empty', { tags: [''] }, 'tags[0] is ""'],
];

describe('an enqueue is refused, and nothing is stored, when', () => {
  it.each(bad)('%s', async (_, options, message) => {
    const { queue, store } = setScene(jobs);
    const refused = queue.enqueue('push', 'x', options as EnqueueOptions);
    await expect(refused).rejects.toThrow(InvalidOptionError);
    await expect(refused).rejects.toThrow(message);
    expect(store.callsOf('enqueue')).toBe(0);
  });
});

describe('headers and tags', () => {
  const most: EnqueueOptions = {
    headers: { ...entries(31, 'x'.repeat(127)), ['__proto__']: 'x' },
    tags: Array.from({ length: 16 }, (_, i) => `${i}`),
  };

  it('come to the handler and to whoever reads the job, whatever their names', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x', most);
    expect(await get(queue, id)).toMatchObject({ headers: most.headers, tags: most.tags });
    const seen: unknown[] = [];
    work(queue, {
      push: (_, { job: { headers, tags } }) => void seen.push(Object.entries(headers ?? {}), tags),
    });
    await environment.flush();
    expect(seen).toEqual([Object.entries(most.headers ?? {}), most.tags]);
  });

  it('are the job’s alone: what the caller changes afterwards changes nothing', async () => {
    const { queue } = setScene(jobs);
    const options = { headers: { a: '1' }, tags: ['a'] };
    const enqueued = queue.enqueue('push', 'x', options);
    options.headers.a = '2';
    options.tags.push('b');
    expect(await get(queue, (await enqueued).id)).toMatchObject({ headers: { a: '1' }, tags: ['a'] });
  });

  it('come with jobs that handlers enqueue, and with batches', async () => {
    const { queue, environment } = setScene(jobs);
    await enqueueMany(queue, [{ name: 'push', payload: 'first', tags: ['batch'] }]);
    const tags: unknown[] = [];
    work(queue, {
      push: (payload, context) => {
        tags.push(context.job.tags);
        if (payload === 'first') context.enqueue('push', 'second', { tags: ['chained'] });
      },
    });
    await environment.flush();
    expect(tags).toEqual([['batch'], ['chained']]);
  });
});

describe('headers and tags from a Worker', () => {
  it('travel with the job, checked again where they arrive', async () => {
    const { queue } = setScene(jobs);
    const client = remoteQueue({ name: 'sync', jobs, send: expose(queue, { enqueueMany }) });
    const options = { headers: { traceparent: '00-1' }, tags: ['eu'] };
    const { id } = await client.enqueue('push', 'x', options);
    expect(await get(queue, id)).toMatchObject(options);
  });

  it.each(bad)('are refused by the object too when %s', async (_, options) => {
    const sent = { id: 'a', known: false, name: 'push', version: 1, priority: 0, payload: 'x', ...options };
    const serve = expose(setScene(jobs).queue, { enqueueMany });
    const reply = await serve({ v: 1, call: 'enqueue', args: { jobs: [sent] } });
    expect(reply).toMatchObject({ error: { code: 'InvalidOption' } });
  });
});
