import type { Mailer } from './worker.ts';

declare global {
  namespace Cloudflare {
    interface Env {
      PLAIN: DurableObjectNamespace;
      MAILER: DurableObjectNamespace<Mailer>;
    }
  }
}
