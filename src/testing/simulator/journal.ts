/** What broke, and when. */
export interface Violation {
  /** Which promise: stable, to compare runs by. */
  readonly rule: string;
  readonly text: string;
  /** Tasks run until it was seen. */
  readonly step: number;
}

/** Says that something broke: which promise, and how. */
export type Complain = (rule: string, text: string) => void;

/** What happened in a simulation, in order. */
export class Journal {
  readonly lines: string[] = [];
  /** Faults and commands that came to pass, by kind. */
  readonly faults: Record<string, number> = {};
  /** Their ids, in order. */
  readonly ids: string[] = [];
  /** The first. */
  violation: Violation | undefined;
  readonly #time: { readonly elapsed: number; readonly steps: number };

  constructor(time: { readonly elapsed: number; readonly steps: number }) {
    this.#time = time;
  }

  tell(who: string, what: string): void {
    this.lines.push(`${(this.#time.elapsed / 1000).toFixed(3).padStart(10)} ${who.padEnd(9)} ${what}`);
  }

  /** Something was done to the world. `id` names it, for runs without it. */
  fault(id: string, kind: string, who: string, what = kind): void {
    this.faults[kind] = (this.faults[kind] ?? 0) + 1;
    this.ids.push(id);
    this.tell(who, `× ${what} (${id})`);
  }

  fail(rule: string, text: string): void {
    if (this.violation !== undefined) return;
    this.violation = { rule, text, step: this.#time.steps };
    this.tell('!', `${rule}: ${text}`);
  }
}
