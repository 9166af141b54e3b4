import { flows, memoryBacking, memoryStore } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { mendQueue } from '../../src/core/kernel/mend.ts';
import { runSync } from '../../src/core/kernel/step.ts';
import { Opening } from '../../src/testing/conformance/opening.ts';
import { QUEUE } from '../../src/testing/conformance/scene.ts';
import { after, complete, spec, T } from '../../src/testing/conformance/spec.ts';
import { storeCalls } from '../../src/testing/store-calls.ts';

/** So many hear of an end in one transaction. */
const AT_ONCE = 100;

const waiting = (id: string) => after(id, ['x']);

describe('a flow whose records of who waits for whom were lost', () => {
  it('lets nobody go on by the end of a job whose id another has by now', async () => {
    const backing = memoryBacking();
    const page = new Opening(storeCalls(memoryStore({ backing }), [flows()]), QUEUE);
    await page.enqueue(T, spec('x'));
    for (let i = 0; i <= AT_ONCE; i++) await page.enqueue(T, waiting(`early-${i}`));
    await page.settle(T, await page.claimOne(T), complete());
    await page.enqueue(T, spec('x', { priority: -1 }), waiting('late'));
    const rows = backing.queues.get(QUEUE);
    if (rows === undefined) throw new Error('the queue is not there');
    const records = [{ kind: 'dependent' as never, key: 'x' }];
    runSync(mendQueue(Object.assign(rows, { mend: () => ({ control: false, claims: false, records }) })));
    const claimed: string[] = [];
    for (let looks = 0; looks < 4; looks++) claimed.push(...(await page.claimIds(T, { limit: AT_ONCE })));
    expect(claimed).toHaveLength(AT_ONCE + 2);
    expect(claimed).toContain('x');
    expect(await page.job('late')).toMatchObject({ blockedBy: ['x'] });
  });
});
