/**
 * All that core asks of the platform it runs on: browsers, workers, Durable Objects and Node have every one of these.
 * Compiled with core only; elsewhere the platform's own types stand in their place.
 */
interface Event {
  readonly type: string;
}

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare class MessageChannel {
  readonly port1: { onmessage: (() => void) | null; close(): void; unref?(): void };
  readonly port2: { postMessage(message: unknown): void };
}

declare const crypto: { getRandomValues(into: Uint8Array): Uint8Array };
declare function setTimeout(callback: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare function queueMicrotask(callback: () => void): void;

interface Request {
  readonly url: string;
}
declare const Request: { new (input: string | URL | Request, init?: RequestInit): Request };
interface RequestInit {
  signal?: AbortSignal | null;
}
interface Response {
  readonly ok: boolean;
  readonly status: number;
  readonly type: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
}
interface URL {
  readonly origin: string;
}
declare const URL: { new (url: string): URL };
declare function fetch(request: Request): Promise<Response>;
