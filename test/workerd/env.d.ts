import type * as worker from './worker.ts';

declare global {
  namespace Cloudflare {
    interface GlobalProps {
      mainModule: typeof worker;
    }
    interface Env {
      PLAIN: DurableObjectNamespace;
      MAILER: DurableObjectNamespace<worker.Mailer>;
    }
  }
}
