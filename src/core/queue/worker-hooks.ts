/** What a feature does in one worker. */
export interface WorkerHooks {
  /**
   * For what a job of the name is claimed: for a `slot` of this worker. What takes something from other workers is not claimed ahead of them.
   * Undefined: also ahead.
   */
  claimsFor?(name: string): 'slot' | undefined;
}
