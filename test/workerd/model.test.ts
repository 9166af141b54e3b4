import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { durableObjectStore, type ObjectState } from '../../src/stores/durable-object/index.ts';
import { runModel } from '../../src/testing/model/run.ts';

/** The walks are inside the object, where its store lives: a call into it for each operation takes too long for so many. */
function inside(state: ObjectState) {
  return async () => ({
    open: async () => durableObjectStore(state),
    steps: () => ({ read: 0, written: 0 }),
    dispose: async () => {},
  });
}

describe('Durable Object', () => {
  it('answers as the memory store does, in 1,000 random walks', async () => {
    const stub = env.PLAIN.get(env.PLAIN.newUniqueId());
    const walked = runInDurableObject(stub, (_object, state) => runModel(inside(state)));
    await expect(walked).resolves.toBeUndefined();
  });
});
