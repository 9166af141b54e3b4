import { hashFraction } from './backoff.ts';
import type { Control } from './control-row.ts';

/** Targets of one name that have streams of their own; those of more jobs are put together. */
const MAX_TARGETS = 64;

/**
 * Under which target a new job is kept. Each target of a name is a stream of its own in the queue's row, so that they are bounded: beyond 64
 * that wait, a further one is kept under one of 64 numbers.
 */
export class TargetNames {
  readonly #control: Control;
  /** By job name, when somebody asks for one. */
  readonly #known = new Map<string, Set<string>>();

  constructor(control: Control) {
    this.#control = control;
  }

  nameOf(name: string, target: string): string {
    const known = this.#known.get(name) ?? this.#look(name);
    if (known.has(target)) return target;
    if (known.size >= MAX_TARGETS) return `#${Math.floor(hashFraction(target) * MAX_TARGETS)}`;
    known.add(target);
    return target;
  }

  #look(name: string): Set<string> {
    const known = new Set<string>();
    for (const stream of this.#control.streams)
      if (stream.name === name && stream.target !== undefined && !/^#\d+$/.test(stream.target))
        known.add(stream.target);
    this.#known.set(name, known);
    return known;
  }
}
