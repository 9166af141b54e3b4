import { afterEach, beforeEach } from 'vitest';
import type { StoreHarness } from './harness.ts';
import { Opening } from './opening.ts';

/** A fresh database for each test, opened twice: nothing may rest on what one opening remembers. */
export interface Scene {
  readonly a: Opening;
  readonly b: Opening;
  readonly harness: StoreHarness;
}

export const QUEUE = 'sync';

/** Call it inside a `describe`; what it answers can be read inside the tests only. */
export function setScene(create: () => Promise<StoreHarness>): Scene {
  let current: Scene | undefined;

  beforeEach(async () => {
    const harness = await create();
    const [a, b] = [await harness.open(), await harness.open()];
    current = { harness, a: new Opening(a, QUEUE), b: new Opening(b, QUEUE) };
  });
  afterEach(async () => {
    const last = current;
    current = undefined;
    await last?.harness.dispose();
  });

  function shown(): Scene {
    if (current === undefined) throw new Error('a scene is set inside a test only');
    return current;
  }
  return {
    get a() {
      return shown().a;
    },
    get b() {
      return shown().b;
    },
    get harness() {
      return shown().harness;
    },
  };
}
