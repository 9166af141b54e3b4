import { afterEach, beforeEach } from 'vitest';
import type { Store } from '../../core/kernel/store.ts';
import type { Feature } from '../../core/queue/feature.ts';
import { storeCalls } from '../store-calls.ts';
import type { StoreHarness } from './harness.ts';
import { Opening } from './opening.ts';

/** A fresh database for each test, opened twice: nothing may rest on what one opening remembers, nor on what its page has in use. */
export interface Scene {
  /** Of a page that has all features in use. */
  readonly a: Opening;
  /** Of a page that has fewer of them, or none. */
  readonly b: Opening;
  readonly harness: StoreHarness;
}

interface WholeScene extends Scene {
  /** Of another page that has all of them. */
  readonly peer: Opening;
}

/** The scene of two pages that have all features in use, where a test uses one in both. */
export const alike = (scene: Scene): Scene => ({
  get a() {
    return scene.a;
  },
  get b() {
    return (scene as WholeScene).peer;
  },
  get harness() {
    return scene.harness;
  },
});

export const QUEUE = 'sync';

/**
 * Call it inside a `describe`; what it answers can be read inside the tests only.
 *
 * @param beside what the second page has in use
 */
export function setScene(create: () => Promise<StoreHarness>, beside: readonly Feature[] = []): Scene {
  let current: WholeScene | undefined;

  beforeEach(async () => {
    const harness = await create();
    const [a, b, peer] = [await harness.open(), await harness.open(), await harness.open()];
    const open = (store: Store, use?: readonly Feature[]) => new Opening(storeCalls(store, use), QUEUE);
    current = { harness, a: open(a), b: open(b, beside), peer: open(peer) };
  });
  afterEach(async () => {
    const last = current;
    current = undefined;
    await last?.harness.dispose();
  });

  function shown(): WholeScene {
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
    get peer() {
      return shown().peer;
    },
    get harness() {
      return shown().harness;
    },
  } satisfies WholeScene as Scene;
}
