/** Where a queue writes what went wrong: `console`, or the like. */
export interface Logger {
  warn(event: string, details: object): void;
  error(event: string, details: object): void;
}
