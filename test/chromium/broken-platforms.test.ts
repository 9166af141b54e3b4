import { describe, expect, it } from 'vitest';
import { drawn } from '../../src/testing/conformance/drawing.ts';
import { brokenPlatforms, insecure, put, refusing } from '../unit/broken-platforms.ts';
import { WHOLE_LIFE } from '../unit/whole-life.ts';
import { freshName } from './database.ts';
import { draw } from './drawn.ts';
import type { fallBack, live } from './frame-life.ts';

type Lives = { live: typeof live; fallBack: typeof fallBack };

/** What comes of a life in a frame: a realm in which this is done before anything of the package is there. */
async function livedAfter<How extends keyof Lives>(
  breakIt: () => void,
  how: How,
): Promise<Awaited<ReturnType<Lives[How]>>> {
  type Lived = Awaited<ReturnType<Lives[How]>>;
  const frame = document.createElement('iframe');
  const answered = new Promise<{ lived?: Lived; error?: string }>((resolve) => {
    window.addEventListener('message', ({ data, source }) => {
      if (source === frame.contentWindow) resolve(data);
    });
  });
  const url = new URL('./frame-life.ts', import.meta.url).href;
  frame.srcdoc = `<!doctype html>
    <script>const __name = (named) => named; ${put} ${insecure} ${refusing} (${breakIt})();</script>
    <script type="module" onerror="parent.postMessage({ error: 'it was not loaded' })">
      import { ${how} } from ${JSON.stringify(url)};
      const told = (error) => ({ error: String(error) });
      parent.postMessage(await ${how}(${JSON.stringify(freshName())}).then((lived) => ({ lived }), told));
    </script>`;
  document.body.append(frame);
  const { lived, error } = await answered;
  frame.remove();
  if (lived === undefined) throw new Error(error);
  return lived;
}

describe('a browser that keeps something back', () => {
  it.each(draw ? drawn(brokenPlatforms, draw) : brokenPlatforms)(
    '$name: a queue comes to the same, and nothing is thrown',
    async ({ break: breakIt }) => {
      const { life, result, thrown } = await livedAfter(breakIt, 'live');
      expect(life).toEqual(WHOLE_LIFE);
      const expected = { at: new Date(5), by: new Map([['k', [1n]]]), bytes: new Uint8Array([1, 2]) };
      expect(result).toEqual(expected);
      expect(thrown).toEqual([]);
    },
  );

  it.each<[string, () => void]>([
    ['no IndexedDB', () => put('indexedDB', undefined)],
    [
      'an IndexedDB that may not be opened',
      () =>
        put('indexedDB', {
          open() {
            throw insecure();
          },
        }),
    ],
    [
      'an IndexedDB that may not be looked at',
      () =>
        void Object.defineProperty(globalThis, 'indexedDB', {
          get() {
            throw insecure();
          },
        }),
    ],
  ])(
    '%s: that is said once to each, not retryable, and the memory store takes its place',
    async (_, breakIt) => {
      const { told, life, thrown } = await livedAfter(breakIt, 'fallBack');
      expect(told).toEqual(['StoreUnavailable false', 'StoreUnavailable false']);
      expect(life).toEqual(WHOLE_LIFE);
      expect(thrown).toEqual([]);
    },
  );
});
