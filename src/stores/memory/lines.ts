import { aimed, needing, type StreamName } from '../../core/kernel/order.ts';
import { Line } from './line.ts';

/** The line of one stream. */
interface OfStream {
  readonly version: number;
  readonly rank: number;
  readonly timed: boolean;
  readonly line: Line;
}

/** The lines of a queue's claimable rows, stream by stream. */
export class Lines {
  /** By name, target and needs. Each has few. */
  readonly #lines = new Map<string, OfStream[]>();

  get({ name, version, rank, target, needs }: StreamName, timed: boolean): Line | undefined {
    for (const of of this.#lines.get(needing(aimed(name, target), needs)) ?? NONE)
      if (of.rank === rank && of.timed === timed && of.version === version) return of.line;
    return undefined;
  }

  /** The one that was there, or a new one. */
  make(stream: StreamName, timed: boolean): Line {
    const known = this.get(stream, timed);
    if (known !== undefined) return known;
    const { name, version, rank, target, needs } = stream;
    const line = new Line();
    const kind = needing(aimed(name, target), needs);
    const those = this.#lines.get(kind) ?? [];
    this.#lines.set(kind, those);
    those.push({ version, rank, timed, line });
    return line;
  }

  *[Symbol.iterator](): Iterator<Line> {
    for (const those of this.#lines.values()) for (const { line } of those) yield line;
  }
}

const NONE: readonly never[] = [];
