import type { SetTimer } from '../../core/timer.ts';

/** What a platform knows it says at once. One that does not answer has nothing to say. */
const ANSWER_MS = 3_000;

/** Undefined: it was refused, or did not come in time. `onLate` gets what comes later. */
export function inTime<T>(
  setTimer: SetTimer,
  asked: Promise<T>,
  onLate?: (answer: T | undefined) => void,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    let end: (answer?: T) => void = resolve;
    const cancel = setTimer(() => {
      resolve(undefined);
      end = (answer) => onLate?.(answer);
    }, ANSWER_MS);
    asked.finally(cancel).then(
      (answer) => end(answer),
      () => end(),
    );
  });
}
