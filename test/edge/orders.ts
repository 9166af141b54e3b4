import type { Deed, Order } from './messages.ts';

export function orders(
  what: string,
  count: number,
  payload: Deed,
  more: Partial<Pick<Order, 'name' | 'delayMs'>> = {},
): Order[] {
  return Array.from({ length: count }, (_, n) => ({ id: `${what}-${n}`, name: 'work', payload, ...more }));
}
