/** What a command resolves with. */
export type BidiResult = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number | null;
  readonly type: 'success' | 'error' | 'event';
  readonly result?: BidiResult;
  readonly error?: string;
  readonly message?: string;
}

interface Call {
  readonly resolve: (result: BidiResult) => void;
  readonly reject: (error: Error) => void;
}

/** The WebDriver BiDi protocol, which Firefox speaks over a WebSocket on loopback. It ends with its process. */
export class WebDriverBidi {
  readonly #socket: WebSocket;
  readonly #calls = new Map<number, Call>();
  #last = 0;
  #ended = false;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(String(data)) as Message);
    socket.onclose = () => this.#end();
  }

  /** Rejects when nobody listens at the address, and when the browser dies meanwhile. */
  static async connect(address: string): Promise<WebDriverBidi> {
    const socket = new WebSocket(`${address}/session`);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error(`${address}: the browser is gone`));
    });
    const driver = new WebDriverBidi(socket);
    await driver.send('session.new', { capabilities: {} });
    return driver;
  }

  /** Rejects when the browser refuses, and when it dies before it answered. */
  send(method: string, params: BidiResult = {}): Promise<BidiResult> {
    if (this.#ended) return Promise.reject(new Error(`${method}: the browser is gone`));
    this.#last += 1;
    const id = this.#last;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }));
  }

  #hear({ id, type, result = {}, error, message }: Message): void {
    const call = typeof id === 'number' ? this.#calls.get(id) : undefined;
    if (typeof id !== 'number' || call === undefined) return;
    this.#calls.delete(id);
    if (type === 'success') call.resolve(result);
    else call.reject(new Error(`${error}: ${message}`));
  }

  #end(): void {
    this.#ended = true;
    for (const { reject } of this.#calls.values()) reject(new Error('the browser is gone'));
    this.#calls.clear();
  }
}
