/** A position in claim order: inside one stream rows go by (due, seq). */
export interface Position {
  /** 0: an undelayed first enqueue, always due. Else epoch ms, 1 or more. */
  readonly due: number;
  readonly seq: number;
}

/** Which row, and where: all that its primary key is made of. */
export interface Place extends Position {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** -priority, so that smaller goes first. */
  readonly rank: number;
  /** Whom its handler calls; absent: its name says so. */
  readonly target?: string;
  /** Features without which it must not be run, see `needs.ts`; absent: none. Never empty, and in order. */
  readonly needs?: readonly string[];
}
