import { InvalidOptionError } from '../../core/index.ts';
import { storeRequest } from '../replay/stored-request.ts';

/** A request as plain data, under the names that `fetch` takes. */
export interface RequestData {
  url: string;
  headers: Record<string, string>;
  body?: ArrayBuffer;
  // biome-ignore lint/suspicious/noExplicitAny: as Workbox has it, whose data this takes and gives.
  [key: string]: any;
}

/**
 * A request as plain data, as Workbox and Serwist have it. Headers that carry credentials are left out, and so are those that the browser
 * sets itself; a navigation becomes a request of the same origin.
 *
 * @example
 * const data = (await StorableRequest.fromRequest(event.request)).toObject();
 */
export class StorableRequest {
  readonly #data: RequestData;

  /** @throws PayloadError for a request that cannot be kept: see `storeRequest` */
  static async fromRequest(request: Request): Promise<StorableRequest> {
    const { omitted: _, navigation: __, ...stored } = await storeRequest(request);
    return new StorableRequest({ ...stored, headers: { ...stored.headers } });
  }

  /** @throws InvalidOptionError for data without a URL */
  constructor(data: RequestData) {
    if (typeof data?.url !== 'string')
      throw new InvalidOptionError('requestData', data, 'an object with a url');
    this.#data = data.mode === 'navigate' ? { ...data, mode: 'same-origin' } : data;
  }

  /** A copy. */
  toObject(): RequestData {
    const { headers, body } = this.#data;
    return { ...this.#data, headers: { ...headers }, ...(body && { body: body.slice(0) }) };
  }

  toRequest(): Request {
    return new Request(this.#data.url, this.#data);
  }

  clone(): StorableRequest {
    return new StorableRequest(this.toObject());
  }
}
