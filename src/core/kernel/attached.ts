import type { Lease } from './claims-row.ts';
import type { Codec } from './codec.ts';
import type { Draft } from './job.ts';
import type { Attached, JobRow } from './job-row.ts';
import { union } from './names.ts';
import { sealSmall } from './small-value.ts';

/** Throws PayloadError. */
export const sealAttached = (codec: Codec, attach: Attached | undefined): Attached | undefined =>
  attach &&
  Object.fromEntries(
    Object.entries(attach).map(([feature, value]) => [feature, sealSmall(codec, feature, value)]),
  );

/** The claimed job's row with it. It may lie elsewhere than before: its lease, whose draft is changed, says where. */
export function attachTo(lease: Draft<Lease>, row: JobRow, attached: Attached): JobRow {
  const needs = union(row.needs, Object.keys(attached));
  lease.needs = needs;
  return { ...row, needs, attached: { ...row.attached, ...attached } };
}

/** Without all that is attached to its payload, and without the need for that. */
export function detached(row: JobRow): JobRow {
  const { attached, needs = [], ...rest } = row;
  if (attached === undefined) return row;
  const others = needs.filter((name) => !Object.hasOwn(attached, name));
  return others.length > 0 ? { ...rest, needs: others } : rest;
}
