import {
  count,
  type Exposable,
  explain,
  get,
  InvalidOptionError,
  list,
  type Permit,
  type Queue,
  stats,
  workers,
} from '../core/index.ts';
import { contextOf, type HasContext } from '../core/queue/context.ts';
import { checkKnown } from '../core/queue/options.ts';
import type { ServedFeature } from '../core/remote/served-feature.ts';
import { type HttpHostOptions, httpHost } from './http-host.ts';

/** One thing that somebody does to the queue. */
export interface AdminAction {
  /** The operation: `redrive`, `remove`, `edit` … */
  readonly operation: string;
  /** Its arguments, checked: the ids of the jobs, and what is to be another. */
  readonly args: unknown;
  /** Who does it, as `authorize` names the caller; absent: it said `true`. */
  readonly identity?: string;
  readonly request: Request;
}

export interface AdminFrontOptions extends Omit<HttpHostOptions, 'authorize'> {
  /**
   * Who is calling, and may they do this? `true`; a text that names the caller; a Response is sent instead; anything else is 401. Asked for each call, also for those
   * that only read. There is no default.
   */
  readonly authorize: HttpHostOptions['authorize'];
  /** What may be done, by the functions that do it. `{}`: it only shows. There is no default. */
  readonly actions: Readonly<Record<string, Exposable>>;
  /**
   * Hears of each action that was permitted, before it is carried out: write it to a log. When it throws or rejects, the action is not done and the caller
   * hears 500. There is no default.
   */
  readonly onAction: (action: AdminAction) => void | Promise<void>;
}

/** What the inspector reads. */
const READS: Readonly<Record<string, Exposable>> = {
  count,
  stats,
  workers,
  list,
  get,
  explain,
};

/** What features of the queue let callers read: the schedules of `schedules()`. */
const readsOfFeatures = (queue: HasContext) =>
  contextOf(queue).setup.use.flatMap(({ serves = [] }: ServedFeature) =>
    serves.filter(({ kind }) => kind === 'reader'),
  );

const OPTIONS = ['authorize', 'actions', 'onAction', 'redact', 'cors', 'maxBytes', 'onError'];

/**
 * Serves a queue to `<holdfast-inspector>` over HTTP: all that it reads, and the actions that you name, one by one. `httpQueue` is the other end.
 *
 * @example
 * const admin = adminFront(this.queue, {
 *   authorize: (request) => adminOf(request)?.email, // undefined: 401
 *   actions: { redrive, remove, edit },
 *   onAction: ({ identity, operation, args }) => console.log(identity, operation, args),
 * });
 * // In the page: inspector.queue = httpQueue('/admin/calls', { jobs, headers });
 *
 * @throws InvalidOptionError at once
 */
export function adminFront(
  queue: Pick<Queue, never> & HasContext,
  options: AdminFrontOptions,
): (request: Request) => Promise<Response> {
  const { authorize, actions, onAction, ...rest } = checkKnown('adminFront options', options, OPTIONS);
  if (typeof authorize !== 'function')
    throw new InvalidOptionError('authorize', authorize, 'a function: there is no default');
  if (typeof onAction !== 'function')
    throw new InvalidOptionError('onAction', onAction, 'a function: there is no default');
  if (actions === undefined || actions === null)
    throw new InvalidOptionError('actions', actions, 'functions such as { redrive }: there is no default');
  const shown = { ...READS, features: { operations: readsOfFeatures(queue) } };
  const reads = new Set(Object.values(shown).flatMap(({ operations }) => operations.map(({ name }) => name)));
  return httpHost(
    queue,
    { ...actions, ...shown },
    {
      ...rest,
      async authorize(request, operation, args) {
        const permit = await authorize(request, operation, args);
        if (isPermitted(permit) && operation !== 'operations' && !reads.has(operation))
          await onAction({
            operation,
            args,
            request,
            ...(typeof permit === 'string' && { identity: permit }),
          });
        return permit;
      },
    },
  );
}

const isPermitted = (permit: Permit | Response): boolean => permit === true || typeof permit === 'string';
