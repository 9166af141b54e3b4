/** What one job uses of what the platform bills. */
export interface Usage {
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** RPCs and alarms. */
  readonly requests: number;
}

/**
 * Dollars for a million of each, beyond what the paid plan includes: developers.cloudflare.com/durable-objects/platform/pricing, read in
 * November 2026. A setAlarm is billed as a row written, an alarm that runs as a request.
 */
export const PRICES: Readonly<Usage> = { rowsRead: 0.001, rowsWritten: 1, requests: 0.15 };

/** Without duration, which is what the handlers take, and without storage. */
export function dollarsPerMillion({ rowsRead, rowsWritten, requests }: Usage): number {
  return rowsRead * PRICES.rowsRead + rowsWritten * PRICES.rowsWritten + requests * PRICES.requests;
}
