import { authorize, type Guard } from './authorize.ts';
import type { Notebook } from './notebook.ts';

export { Notebook } from './notebook.ts';

interface Env extends Guard {
  readonly NOTEBOOK: DurableObjectNamespace<Notebook>;
}

export default {
  fetch(request: Request, env: Env): Response | Promise<Response> {
    const refusal = authorize(request, env);
    // One notebook for everybody: with accounts, each has an object, and with it a queue, of its own.
    return refusal ?? env.NOTEBOOK.get(env.NOTEBOOK.idFromName('notes')).fetch(request);
  },
};
