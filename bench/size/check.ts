/**
 * `npm run check:size` fails when something that users load has grown over its limit, and shows the goals beside.
 * `npm run check:size -- --record` sets the limits anew: what is there, and 2 %.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { bundles, sizeOf } from './bundles.ts';

const LIMITS = new URL('limits.json', import.meta.url);
/** Room for small things: what costs more is decided, not overlooked. */
const ROOM = 1.02;

const record = process.argv.includes('--record');
const limits = JSON.parse(readFileSync(LIMITS, 'utf8')) as Record<string, number>;
const grown: string[] = [];
const found: Record<string, number> = {};

console.log(`${'brotli'.padStart(7)} ${'limit'.padStart(7)} ${'goal'.padStart(7)}`);
for (const [key, bundle] of Object.entries(bundles)) {
  const { brotli } = await sizeOf(bundle);
  const limit = record ? Math.floor(brotli * ROOM) : limits[key];
  if (limit === undefined) throw new Error(`limits.json has no limit for ${key}: record it`);
  found[key] = limit;
  const goal = 'goal' in bundle ? String(bundle.goal) : '';
  console.log(
    `${String(brotli).padStart(7)} ${String(limit).padStart(7)} ${goal.padStart(7)}  ${bundle.name}`,
  );
  if (brotli > limit) grown.push(`${bundle.name}: ${brotli} bytes, the limit is ${limit}`);
}
if (record) writeFileSync(LIMITS, `${JSON.stringify(found, undefined, 2)}\n`);
for (const each of grown) console.error(`grown: ${each}`);
if (grown.length > 0)
  console.error('If it is worth its bytes: npm run check:size -- --record, and say so in the commit.');
process.exitCode = grown.length === 0 ? 0 : 1;
