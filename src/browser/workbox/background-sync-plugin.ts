import { InvalidOptionError } from '../../core/index.ts';
import { acceptedResponse } from '../replay/keep-request.ts';
import { Queue, type QueueOptions } from './queue.ts';

export interface PluginOptions extends QueueOptions {
  /**
   * What the page gets for a request that was kept: `true`, status 202 with the job's id (`acceptedResponse`); a function, its response. Default
   * `false`: the error of the network, as with Workbox.
   */
  readonly respond?: boolean | ((id: string) => Response);
}

/** What a strategy gives its plugins, as far as it is used. */
interface Failed {
  readonly request: Request;
  readonly event?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: as Workbox has it, which hands it through.
  readonly state?: Record<string, any> | undefined;
}

const ID = 'holdfast:job';

/**
 * For strategies of Workbox and Serwist: what the network fails is kept, and sent again later. Only failures of the network count: a response of
 * any status goes to the page.
 *
 * @example
 * const outbox = new BackgroundSyncPlugin('outbox', { maxRetentionTime: 24 * 60, respond: true });
 * registerRoute(({ url }) => url.pathname.startsWith('/api/'), new NetworkOnly({ plugins: [outbox] }), 'POST');
 *
 * @throws what `new Queue` throws
 */
export class BackgroundSyncPlugin {
  /** The queue that it fills: `queue.replayRequests()` sends now. */
  readonly queue: Queue;
  /** There only if it responds. */
  readonly handlerDidError?: (failed: Failed) => Promise<Response | undefined>;

  constructor(name: string, options: PluginOptions = {}) {
    const { respond = false, ...others } = options;
    if (typeof respond !== 'boolean' && typeof respond !== 'function')
      throw new InvalidOptionError('respond', respond, 'a boolean or a function');
    this.queue = new Queue(name, others);
    if (respond === false) return;
    this.handlerDidError = async ({ state }) => {
      const id: unknown = state?.[ID];
      if (typeof id !== 'string') return undefined;
      return respond === true ? acceptedResponse(id) : respond(id);
    };
  }

  readonly fetchDidFail = async ({ request, event, state }: Failed): Promise<void> => {
    const { clientId, resultingClientId } = (event ?? {}) as Partial<Record<string, unknown>>;
    const page = clientId || resultingClientId;
    const id = await this.queue.push({ request, ...(typeof page === 'string' && { clientId: page }) });
    if (state !== undefined) state[ID] = id;
  };
}
