/** Prints the bytes that each of `count` waiting jobs holds: arguments are the contender and the count. */
import { fills } from './contenders.ts';
import { told } from './process.ts';

const { name, count } = told(fills);
const fill = fills[name];

function held(): number {
  // One collection leaves what finalizers freed; the figure stands still after the second.
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A text of its own for each job, not a reference to a shared one: 200 bytes with what is around it. */
const payloadOf = (n: number) => JSON.parse(`{"n":${n},"text":"${String(n).padStart(180, 'x')}"}`);

// What loading and the first use allocate once is no job's.
const warm = await fill(100, payloadOf);
await warm.run();
await warm.close();
const before = held();
const waiting = await fill(count, payloadOf);
const after = held();
console.log(((after - before) / count).toFixed(1));
// Reachable until here: a collector may take what nobody will use again.
await waiting.close();
process.exit(0);
