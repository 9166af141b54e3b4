import type { Readable, Writable } from 'node:stream';

/** An answer or an event of Chromium's DevTools protocol. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

type OnEvent = (method: string, params: Readonly<Record<string, unknown>>) => void;

interface Call {
  readonly resolve: (result: Readonly<Record<string, unknown>>) => void;
  readonly reject: (error: Error) => void;
}

/** The DevTools protocol over the pipes of `--remote-debugging-pipe`: no port that others could reach, and it ends with its process. */
export class DevTools {
  readonly #to: Writable;
  readonly #onEvent: OnEvent;
  readonly #calls = new Map<number, Call>();
  #last = 0;
  #rest = '';
  #ended = false;

  constructor(to: Writable, from: Readable, onEvent: OnEvent) {
    this.#to = to;
    this.#onEvent = onEvent;
    to.on('error', () => this.#end());
    from.on('error', () => this.#end());
    from.on('close', () => this.#end());
    from.setEncoding('utf8').on('data', (text: string) => this.#read(text));
  }

  /** Rejects when the browser refuses, and when it dies before it answered. */
  send(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
    sessionId?: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    if (this.#ended) return Promise.reject(new Error(`${method}: the browser is gone`));
    this.#last += 1;
    const id = this.#last;
    // Messages end with a zero.
    this.#to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }));
  }

  #read(text: string): void {
    const messages = (this.#rest + text).split('\0');
    this.#rest = messages.pop() ?? '';
    for (const message of messages) this.#hear(JSON.parse(message) as Message);
  }

  #hear({ id, method, params = {}, result = {}, error }: Message): void {
    if (method !== undefined) this.#onEvent(method, params);
    const call = id === undefined ? undefined : this.#calls.get(id);
    if (id === undefined || call === undefined) return;
    this.#calls.delete(id);
    if (error === undefined) call.resolve(result);
    else call.reject(new Error(error.message));
  }

  #end(): void {
    this.#ended = true;
    for (const { reject } of this.#calls.values()) reject(new Error('the browser is gone'));
    this.#calls.clear();
  }
}
