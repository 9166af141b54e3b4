/**
 * A condition that must hold for a job to be claimed. While it is closed its jobs wait, and no attempt is counted. One that throws, rejects
 * or does not answer within 10 s is closed, and told as `worker:error`, once until it answers again.
 */
export interface Gate {
  /**
   * Asked whenever a worker looks for jobs. One that answers a promise keeps nothing waiting but its own jobs: it is closed until its first
   * answer, and after each change until the next. An answer is good for 5 s, and then until the next comes; while a worker has nothing else
   * to do it asks every 30 s.
   */
  isOpen(): boolean | Promise<boolean>;
  /** Calls back when `isOpen` may answer differently; answers what ends that. */
  subscribe(listener: () => void): () => void;
}
