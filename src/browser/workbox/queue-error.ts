/** What Workbox throws under the same names. */
export class QueueError extends Error {
  readonly details: { readonly name: string };

  constructor(name: 'duplicate-queue-name' | 'queue-replay-failed', details: { readonly name: string }) {
    const why =
      name === 'duplicate-queue-name'
        ? 'was made already in this context: keep the one that there is'
        : 'has requests left that could not be sent yet';
    super(`${name}: queue ${JSON.stringify(details.name)} ${why}`);
    this.name = name;
    this.details = details;
  }
}
