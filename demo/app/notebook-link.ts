import * as Comlink from 'comlink';
import { deserializeError, serializeError } from 'holdfast';
import type { Notebook } from './notebook.ts';

/*
 * The notebook lives in the worker, as a note and its job commit in one transaction, which cannot cross. Beside it the worker hosts the
 * queue (holdfast/comlink). Errors go as data: comlink alone would drop their codes.
 */

type Method = keyof Notebook;
type Ask = (method: Method, args: unknown[]) => Promise<Answer>;
type Answer = { readonly value: unknown } | { readonly error: ReturnType<typeof serializeError> };

const METHODS: readonly Method[] = ['all', 'save', 'remove', 'restore', 'sendAgain', 'bring'];

/** In the worker: lets its page use the notebook. */
export function serveNotebook(notebook: Notebook): void {
  const methods = notebook as unknown as Readonly<Record<Method, (...args: unknown[]) => Promise<unknown>>>;
  const ask: Ask = async (method, args) => {
    try {
      if (!METHODS.includes(method)) throw new Error(`the notebook has no ${method}`);
      return { value: await methods[method](...args) };
    } catch (error) {
      return { error: serializeError(error) };
    }
  };
  Comlink.expose(ask);
}

export interface NotebookLink {
  readonly notebook: Notebook;
  /** From now on this worker has the notebook: what the one before has not answered is asked again. */
  connect(worker: Worker): void;
}

/** In the page. A call that is repeated does no harm: the same text again changes nothing. */
export function linkNotebook(): NotebookLink {
  let ask: Ask | undefined;
  const unanswered = new Set<() => void>();
  const call = (method: Method, args: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const send = (): void => {
        ask?.(method, args).then((answer) => {
          unanswered.delete(send);
          if ('error' in answer) reject(deserializeError(answer.error));
          else resolve(answer.value);
        }, reject);
      };
      unanswered.add(send);
      send();
    });
  const methods = METHODS.map((method) => [method, (...args: unknown[]) => call(method, args)] as const);
  return {
    notebook: Object.fromEntries(methods) as unknown as Notebook,
    connect(worker) {
      ask = Comlink.wrap<Ask>(worker) as unknown as Ask;
      for (const send of unanswered) send();
    },
  };
}
