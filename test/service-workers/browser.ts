/** A tab on the site of the test. */
export interface Tab {
  /** What an expression comes to, as JSON carries it; promises are waited for. Rejects with what it throws. */
  evaluate<T = unknown>(expression: string): Promise<T>;
  close(): Promise<void>;
}

/** A browser of one engine on a profile of its own. */
export interface Browser {
  /** Opens a tab and waits until an expression is true in it. Default: its page says `data-ready`. */
  open(url: string, ready?: string): Promise<Tab>;
  close(): Promise<void>;
}

/** One that can also be kept from its network and robbed of its service workers. */
export interface HarshBrowser extends Browser {
  setOffline(offline: boolean): Promise<void>;
  /** Ends all service workers at once, whatever they do. Resolves with how many there were. */
  killWorkers(): Promise<number>;
}

export const IS_READY = `document.documentElement?.dataset.ready === ''`;

/** Asks again until the answer is as wanted. What never comes fails by the limit of the suite. */
export async function until<T>(ask: () => Promise<T> | T, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
