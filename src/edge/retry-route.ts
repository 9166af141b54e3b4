import type { RetryNowAnswer, RetryNowRequest } from '../core/kernel/messages.ts';
import type { Route } from './route.ts';

/** One object after the other: the place to go on from says in which. */
export const retryNow: Route<RetryNowRequest, RetryNowAnswer> = async (call, { after, ...filter }) => {
  const { all } = call.shards;
  const [, at = '0', stream = ''] = /^(\d+) (.*)$/s.exec(after?.stream ?? '') ?? [];
  const index = Number(at);
  const from = after === undefined || stream === '' ? {} : { after: { ...after, stream } };
  const { due, next } = await call.ask(all[index] ?? (all[0] as string), { ...filter, ...from });
  if (next !== undefined) return { due, next: { ...next, stream: `${index} ${next.stream}` } };
  return index + 1 < all.length ? { due, next: { stream: `${index + 1} `, due: 0, seq: 0 } } : { due };
};
