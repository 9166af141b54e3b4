import {
  createQueue,
  defineJobs,
  type Gate,
  job,
  type Middleware,
  middleware,
  type Store,
  schema,
} from 'holdfast';
import { openTelemetry } from 'holdfast/opentelemetry';

/** Marks each job with the tenant it is for, and refuses jobs of nobody. */
export const forTenant = (tenant: () => string | undefined): Middleware => ({
  name: 'forTenant',
  enqueue(call, next) {
    const id = tenant() ?? call.from?.headers?.tenant;
    if (id === undefined) throw new Error('nobody is signed in');
    return next({ options: { ...call.options, headers: { ...call.options.headers, tenant: id } } });
  },
});

/** Tells how long each attempt took, whatever it came to. */
export const timed = (tell: (line: string) => void, now: () => number): Middleware => ({
  name: 'timed',
  async run({ job: { name }, attempt }, next) {
    const start = now();
    try {
      await next();
    } finally {
      tell(`${name}, attempt ${attempt}: ${now() - start} ms`);
    }
  },
});

/** Open while the server says that it takes writes. */
export const writable = (ask: () => Promise<boolean>, changes: EventTarget): Gate => ({
  isOpen: () => ask(),
  subscribe(listener) {
    changes.addEventListener('change', listener);
    return () => changes.removeEventListener('change', listener);
  },
});

export interface Mail {
  readonly to: readonly string[];
  readonly text: string;
}

export const jobs = defineJobs({
  'mail.send': job<Mail>({
    version: 3,
    upcast: {
      1: (mail: { to: string; body: string }) => ({ to: mail.to, text: mail.body }),
      2: (mail: { to: string; text: string }) => ({ ...mail, to: [mail.to] }),
    },
  }),
});

export function tracedQueue(store: Store, tenant: () => string | undefined) {
  const use = [schema(), middleware([openTelemetry(), forTenant(tenant)])];
  return createQueue({ name: 'mail', jobs, store, use });
}
