import { HoldfastError } from '../kernel/errors.ts';

/** The host of a queue does not let this caller do this. */
export class NotPermittedError extends HoldfastError {
  constructor(operation: string) {
    super('NotPermitted', `this caller may not ask for ${operation}`);
  }
}
