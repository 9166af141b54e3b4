import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { chromiumLaunch } from '../../scripts/chromium.ts';
import { DevTools } from '../faults/dev-tools.ts';

/** A tab in a window of its own. */
export interface RawTab {
  /** What the expression comes to, once it is there. */
  evaluate<T = unknown>(expression: string): Promise<T>;
  /** Freezes the page as the browser does to save memory, and thaws it. */
  freeze(frozen: boolean): Promise<void>;
  crash(): void;
}

/** Chromium without Playwright, whose emulation of focus keeps pages from being frozen. */
export interface RawChromium {
  open(url: string): Promise<RawTab>;
  close(): Promise<void>;
}

export async function rawChromium(): Promise<RawChromium> {
  const profile = await mkdtemp(join(tmpdir(), 'holdfast-raw-'));
  const { executablePath = 'chromium', args } = chromiumLaunch();
  const own = [
    '--headless=new',
    '--remote-debugging-pipe',
    '--disable-breakpad',
    `--user-data-dir=${profile}`,
  ];
  const child = spawn(executablePath, [...args, ...own, 'about:blank'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  process.once('exit', kill);
  const [, , , to, from] = child.stdio;
  const devTools = new DevTools(to as Writable, from as Readable, () => undefined);

  return {
    async open(url) {
      const { targetId } = await devTools.send('Target.createTarget', { url, newWindow: true });
      const { sessionId } = await devTools.send('Target.attachToTarget', { targetId, flatten: true });
      const call = (method: string, params?: Readonly<Record<string, unknown>>) =>
        devTools.send(method, params, String(sessionId));
      const evaluate = async <T>(expression: string): Promise<T> => {
        const asked = { expression, awaitPromise: true, returnByValue: true };
        const { result } = await call('Runtime.evaluate', asked);
        return (result as { readonly value: T }).value;
      };
      while (!(await evaluate('document.documentElement.dataset.ready === ""')))
        await new Promise((resolve) => setTimeout(resolve, 50));
      return {
        evaluate,
        freeze: async (frozen) => {
          await call('Page.setWebLifecycleState', { state: frozen ? 'frozen' : 'active' });
        },
        crash: () => void call('Page.crash').catch(() => undefined),
      };
    },
    async close() {
      kill();
      process.off('exit', kill);
      await closed;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
