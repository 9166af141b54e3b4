/** What travels between the page and the server, besides the notes. */

/** How the server treats the next writes. For the demo only: a real server has its moods without being told. */
export interface Behaviour {
  /**
   * `down` answers 503, as a gateway does that finds no server behind it; `fail` 500, `reject` 422, `busy` 429 with Retry-After. None of them has
   * an effect.
   */
  readonly mode: 'normal' | 'down' | 'fail' | 'reject' | 'busy';
  /** Answers in this mode before the server is normal again; absent: until told otherwise. */
  readonly failTimes?: number;
  /** Added to every write, ms. */
  readonly slowMs?: number;
  /** `after` (default): the effect is recorded first, so a client that gives up in between cannot know of it. */
  readonly slowWhen?: 'before' | 'after';
  /** Retry-After of `busy`, seconds; default 5. */
  readonly retryAfterS?: number;
}

/** How often an idempotency key came and what came of it. */
export interface SeenKey {
  readonly key: string;
  readonly noteId: string;
  readonly method: string;
  readonly title: string;
  readonly revision: number;
  readonly received: number;
  /** How often it changed the note: 0 or 1. */
  readonly applied: number;
  readonly lastStatus: number;
  /** When it came last, epoch ms. */
  readonly at: number;
}

/** One write as it was received and answered. */
export interface RequestRecord {
  readonly at: number;
  readonly method: string;
  readonly noteId: string;
  readonly key: string;
  readonly fence: number;
  readonly revision: number;
  readonly title: string;
  readonly status: number;
  /** It changed the note. A repeated key is answered without. */
  readonly effect: boolean;
}

/** The body of GET /api/log. */
export interface ServerLog {
  /** How many notes the server holds. */
  readonly noteCount: number;
  readonly behaviour: Behaviour;
  /** Latest last. */
  readonly keys: readonly SeenKey[];
  readonly requests: readonly RequestRecord[];
}

/** A note in the body of GET /api/notes. */
export interface ServedNote {
  readonly id: string;
  readonly text: string;
  readonly revision: number;
  readonly updatedAt: number;
  readonly savedAt: number;
}
