import { describe, expect, it } from 'vitest';
import { brokenPlatforms, insecure, put, refusing } from '../unit/broken-platforms.ts';
import { WHOLE_LIFE } from '../unit/whole-life.ts';
import { freshName } from './database.ts';
import type { live } from './frame-life.ts';

type Lived = Awaited<ReturnType<typeof live>>;

/** What comes of a life in a frame: a realm in which this is done before anything of the package is there. */
async function livedAfter(breakIt: () => void): Promise<Lived> {
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
      import { live } from ${JSON.stringify(url)};
      const told = (error) => ({ error: String(error) });
      parent.postMessage(await live(${JSON.stringify(freshName())}).then((lived) => ({ lived }), told));
    </script>`;
  document.body.append(frame);
  const { lived, error } = await answered;
  frame.remove();
  if (lived === undefined) throw new Error(error);
  return lived;
}

describe('a browser that keeps something back', () => {
  it.each(brokenPlatforms)(
    '$name: a queue comes to the same, and nothing is thrown',
    async ({ break: breakIt }) => {
      const { life, result, thrown } = await livedAfter(breakIt);
      expect(life).toEqual(WHOLE_LIFE);
      const expected = { at: new Date(5), by: new Map([['k', [1n]]]), bytes: new Uint8Array([1, 2]) };
      expect(result).toEqual(expected);
      expect(thrown).toEqual([]);
    },
  );
});
