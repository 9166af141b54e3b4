import { checkpoints, createQueue, job, memoryStore, work } from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { expect, it } from 'vitest';

it('a handler that failed goes on from its checkpoint', async () => {
  const environment = fakeEnvironment({ now: 1_750_000_000_000 });
  const fetched: number[] = [];
  const fetchPage = async (page: number) => {
    fetched.push(page);
    if (fetched.length === 2) throw new Error('no');
  };

  const queue = createQueue({
    name: 'crawl',
    jobs: { crawl: job<{ pages: number }>() },
    store: memoryStore(),
    environment,
    use: [checkpoints()],
  });
  work(queue, {
    crawl: async ({ pages }, { job: { checkpoint: done = 0 }, checkpoint }) => {
      for (let page = Number(done); page < pages; page++) {
        await fetchPage(page);
        await checkpoint(page + 1);
      }
    },
  });
  await queue.enqueue('crawl', { pages: 3 });
  await environment.advance(100_000);
  expect(fetched).toEqual([0, 1, 1, 2]);
});
