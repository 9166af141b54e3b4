/**
 * What runs jobs, for pages that load it later than the rest: `const { work } = await import('holdfast/work')`. The same functions as those of
 * `holdfast`.
 */

export { defaultBackoff, exponential, fixed, linear } from '../core/work/backoffs.ts';
export type { Handler, HandlerContext, Handlers } from '../core/work/handler.ts';
export { type ResponseLike, throwForStatus } from '../core/work/http.ts';
export { type SendOptions, send } from '../core/work/send.ts';
export { drain, work } from '../core/work/work.ts';
export type { Drained, DrainOptions, Worker, WorkerOptions } from '../core/work/worker-options.ts';
