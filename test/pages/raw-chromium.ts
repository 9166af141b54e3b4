import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { chromiumLaunch } from '../../scripts/chromium.ts';
import { DevTools } from '../faults/dev-tools.ts';

/** A tab. */
export interface RawTab {
  /** What DevTools call it by. */
  call(method: string, params?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** What the expression comes to, once it is there. */
  evaluate<T = unknown>(expression: string): Promise<T>;
  /** Freezes the page as the browser does to save memory, and thaws it. */
  freeze(frozen: boolean): Promise<void>;
  /** The process of the page. To be asked for while the page answers. */
  process(): Promise<RawProcess>;
  crash(): void;
}

/** What renders a tab, and hears nothing of what is done to it. */
export interface RawProcess {
  stop(): void;
  goOn(): void;
}

/** Chromium without Playwright, whose emulation of focus keeps pages from being frozen. */
export interface RawChromium {
  /** In a window of its own; or over the tab that was opened before, which is hidden by it. */
  open(url: string, where?: 'window' | 'tab'): Promise<RawTab>;
  /** Opens it and leaves it alone: pages that DevTools look at may prerender none. */
  show(url: string): Promise<void>;
  /** The page with this address that is shown, once one is. */
  find(url: string): Promise<RawTab>;
  close(): Promise<void>;
}

export async function rawChromium(...flags: readonly string[]): Promise<RawChromium> {
  const profile = await mkdtemp(join(tmpdir(), 'holdfast-raw-'));
  const { executablePath = 'chromium', args } = chromiumLaunch();
  const own = [
    '--headless=new',
    '--remote-debugging-pipe',
    '--disable-breakpad',
    `--user-data-dir=${profile}`,
  ];
  const child = spawn(executablePath, [...args, ...own, ...flags, 'about:blank'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  process.once('exit', kill);
  const [, , , to, from] = child.stdio;
  const events = new EventEmitter();
  const devTools = new DevTools(to as Writable, from as Readable, (method, params) =>
    events.emit(method, params),
  );

  const attach = async (targetId: string): Promise<RawTab> => {
    const { sessionId } = await devTools.send('Target.attachToTarget', { targetId, flatten: true });
    const call = (method: string, params?: Readonly<Record<string, unknown>>) =>
      devTools.send(method, params, String(sessionId));
    const evaluate = async <T>(expression: string): Promise<T> => {
      const asked = { expression, awaitPromise: true, returnByValue: true };
      const { result } = await call('Runtime.evaluate', asked);
      return (result as { readonly value: T }).value;
    };
    while (!(await evaluate('document.documentElement.dataset.ready === ""'))) await pause();
    return {
      call,
      evaluate,
      freeze: async (frozen) => {
        await call('Page.setWebLifecycleState', { state: frozen ? 'frozen' : 'active' });
      },
      process: async () => {
        const pid = await processOf(targetId, call, events);
        return {
          stop: () => void process.kill(pid, 'SIGSTOP'),
          goOn: () => void process.kill(pid, 'SIGCONT'),
        };
      },
      crash: () => void call('Page.crash').catch(() => undefined),
    };
  };

  return {
    async open(url, where = 'window') {
      const created = await devTools.send('Target.createTarget', { url, newWindow: where === 'window' });
      return attach(String(created.targetId));
    },
    async show(url) {
      await devTools.send('Target.createTarget', { url, newWindow: true });
    },
    async find(url) {
      for (;;) {
        const { targetInfos } = await devTools.send('Target.getTargets');
        const found = (targetInfos as readonly TargetInfo[]).find((one) => one.url === url && !one.subtype);
        if (found !== undefined) return attach(found.targetId);
        await pause();
      }
    },
    async close() {
      kill();
      process.off('exit', kill);
      await closed;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface TargetInfo {
  readonly targetId: string;
  readonly url: string;
  /** `prerender`: it is not shown. */
  readonly subtype?: string;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

interface TraceEvent {
  readonly name: string;
  readonly args: {
    readonly data?: { readonly frames?: readonly { readonly frame: string; readonly processId: number }[] };
  };
}

type Call = (method: string, params?: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** A trace of a page begins with a list of its frames and their processes: nothing else tells the processes of two tabs of one site apart. */
async function processOf(targetId: string, call: Call, events: EventEmitter): Promise<number> {
  const traced: TraceEvent[] = [];
  const collect = ({ value }: { readonly value: readonly TraceEvent[] }) => void traced.push(...value);
  events.on('Tracing.dataCollected', collect);
  const complete = once(events, 'Tracing.tracingComplete');
  const traceConfig = { includedCategories: ['disabled-by-default-devtools.timeline'] };
  await call('Tracing.start', { transferMode: 'ReportEvents', traceConfig });
  await call('Tracing.end');
  await complete;
  events.off('Tracing.dataCollected', collect);
  const begun = traced.find(({ name }) => name === 'TracingStartedInBrowser');
  const found = begun?.args.data?.frames?.find(({ frame }) => frame === targetId);
  if (found === undefined) throw new Error(`the trace has no frame ${targetId}`);
  return found.processId;
}
