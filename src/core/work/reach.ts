import isNetworkError from 'is-network-error';
import type { HoldfastErrorCode, UnreachableReason } from '../kernel/errors.ts';
import { MAX_ASKED_MS } from './http.ts';

/**
 * What a failed attempt says of its target, the server that its handler calls.
 * `through`: the server answered something that is about this job. `answered`: the server answered that it failed itself. `unreached`:
 * nobody answered for it; with `retryAfterMs` it asked for so much patience, with `closes` nothing else will get through either.
 * `silent`: nothing.
 */
export type Reach =
  | { readonly kind: 'through' }
  | { readonly kind: 'answered'; readonly reason: string }
  | {
      readonly kind: 'unreached';
      readonly reason: UnreachableReason;
      readonly retryAfterMs?: number;
      readonly closes?: true;
    }
  | { readonly kind: 'silent' };

const SILENT: Reach = { kind: 'silent' };

/** By code, not by class: the handler's copy of the package may be another. Never throws, whatever was thrown. */
export function reachOf(thrown: unknown): Reach {
  try {
    return typeof thrown === 'object' && thrown !== null ? reachOfObject(thrown) : SILENT;
  } catch {
    return SILENT;
  }
}

/** What errors of this package have, as far as it is there. */
interface Thrown {
  readonly code?: HoldfastErrorCode;
  readonly status?: unknown;
  readonly reason?: unknown;
  readonly retryAfterMs?: unknown;
}

function reachOfObject(thrown: Thrown): Reach {
  const { code, status } = thrown;
  if (code === 'Unreachable') return unreached(thrown);
  if (code === 'Server') return { kind: 'answered', reason: `status ${Number(status)}` };
  if (code === 'DeadLetter' && typeof status === 'number') return { kind: 'through' };
  // A bare fetch; the library knows the engines' messages.
  return code === undefined && isNetworkError(thrown) ? { kind: 'unreached', reason: 'network' } : SILENT;
}

const REASONS: readonly unknown[] = ['network', 'timeout', 'server', 'portal', 'signed-out', 'busy'];

function unreached({ reason: given, retryAfterMs: asked }: Thrown): Reach {
  const reason = REASONS.includes(given) ? (given as UnreachableReason) : 'network';
  const asksForPatience = typeof asked === 'number' && asked >= 0 && Number.isFinite(asked);
  return {
    kind: 'unreached',
    reason,
    ...(asksForPatience ? { retryAfterMs: Math.min(MAX_ASKED_MS, Math.ceil(asked)) } : {}),
    ...(asksForPatience || reason === 'signed-out' ? { closes: true } : {}),
  };
}
