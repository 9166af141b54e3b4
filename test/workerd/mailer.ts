import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { Mailer } from './worker.ts';

export type Mailbox = DurableObjectStub<Mailer>;

export function freshMailer(): Mailbox {
  return env.MAILER.get(env.MAILER.newUniqueId());
}

export function inside<T>(
  mailer: Mailbox,
  act: (mailer: Mailer, state: DurableObjectState) => T | Promise<T>,
): Promise<T> {
  return runInDurableObject(mailer, act);
}

/** What `act` cost, as the platform bills it. */
export async function costOf(
  mailer: Mailbox,
  act: (mailer: Mailer) => Promise<unknown>,
): Promise<Mailer['cost']> {
  return inside(mailer, async (instance) => {
    const before = { ...instance.cost };
    await act(instance);
    const { read, written, setAlarm } = instance.cost;
    return {
      read: read - before.read,
      written: written - before.written,
      setAlarm: setAlarm - before.setAlarm,
    };
  });
}

export function letters(first: number, count: number, more: { delayMs?: number } = {}) {
  return Array.from({ length: count }, (_, i) => ({
    name: 'send' as const,
    payload: { n: first + i },
    ...more,
  }));
}
