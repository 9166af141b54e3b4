import { setTimeout as wait } from 'node:timers/promises';
import type { Counts } from 'holdfast';
import { EdgeProcess, type TankHandle } from '../edge/edge-process.ts';
import { startEffectServer } from './effect-server.ts';
import { type FaultRun, killPoints, until } from './fault-run.ts';

const SENDERS = 4;
const MOST = 7;
const PAUSE_MS = 5;
const COUNT_EVERY_MS = 50;

/** A Durable Object is enqueued to and drains, and its process is killed; nobody asks it anything before it has resumed by itself. */
export async function breakWorkerd(run: FaultRun): Promise<void> {
  const { plan, random, witness, toll, signal } = run;
  const server = await startEffectServer(run);
  const edge = await EdgeProcess.start(new URL('tank.ts', import.meta.url));
  const tank = edge.tank('faults');
  /** Works until it is over. */
  const live = async (who: string, isOver: () => boolean): Promise<() => Promise<void>> => {
    const { effects } = witness;
    witness.appear(who);
    await until(() => witness.outstanding === 0 || witness.effects > effects, signal);
    const senders = Array.from({ length: SENDERS }, () => keepSending(run, tank, who, `${server.url}effect`));
    await until(isOver, signal);
    return async () => {
      witness.vanish(who);
      await Promise.all(senders);
    };
  };
  try {
    for (const [n, doneAt] of killPoints(plan, random).entries()) {
      const end = await live(`workerd-${n}`, () => witness.done >= doneAt || witness.isClosed);
      edge.kill();
      toll.kills += 1;
      await end();
      await edge.restart();
      if (witness.isClosed) break;
    }
    const end = await live('workerd-last', () => witness.allDone);
    await end();
    for (; !witness.finished; await wait(COUNT_EVERY_MS, undefined, { signal }))
      witness.count((await tank.ask('/count')) as Counts);
  } finally {
    await edge.close();
    await server.close();
  }
}

/** Enqueues until this process is gone. What was not answered is handed out again, to whoever sends next. */
async function keepSending(run: FaultRun, tank: TankHandle, who: string, url: string): Promise<void> {
  const { witness, random, signal, onTold } = run;
  while (witness.isUp(who) && !signal.aborted) {
    const ids = witness.handOut(who, random.whole(1, MOST));
    try {
      if (ids.length === 0) await wait(PAUSE_MS);
      else await tank.ask('/enqueue', { url, ids });
      witness.accept(ids);
    } catch (error) {
      if (!witness.isUp(who)) return;
      onTold({ tab: who, what: `enqueue: ${error}` });
      return;
    }
  }
}
