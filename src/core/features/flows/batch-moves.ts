import type { Control } from '../../kernel/control-row.ts';
import type { Entry } from '../../kernel/features.ts';
import type { Rows } from '../../kernel/rows.ts';
import type { Step } from '../../kernel/step.ts';
import { checkBatch, joinBatch } from './batches.ts';
import { noteBatchEnd } from './ends.ts';
import { type FlowRow, owing } from './flow-row.ts';
import type { FlowSpec } from './options.ts';

/** How many jobs join which batch, and how many of it are replaced by others' payloads. */
export type BatchMoves = ReadonlyMap<string, { joined: number; replaced: number }>;

/** A batch counts who carries its payload: a duplicate does not, and one whose payload is replaced does no more. */
export function* movesOf(rows: Rows, { specs, plans, tolerant }: Entry): Step<BatchMoves> {
  const moves = new Map<string, { joined: number; replaced: number }>();
  const checked = new Set<string>();
  const of = (id: string) => {
    const known = moves.get(id) ?? { joined: 0, replaced: 0 };
    moves.set(id, known);
    return known;
  };
  for (const [i, plan] of plans.entries()) {
    const { batch }: Partial<FlowSpec> = specs[i] ?? {};
    const batchBefore = (plan.before as FlowRow | undefined)?.batch;
    if (batch !== undefined && plan.row !== undefined) plan.row = owing(plan.row);
    if (plan.status === 'duplicate') continue;
    // Who cannot be refused counts in a batch that is closed, too.
    if (batch !== undefined && !tolerant && !checked.has(batch)) yield* checkBatch(rows, batch);
    if (batch !== undefined) checked.add(batch);
    if (batch === batchBefore) continue;
    if (batchBefore !== undefined) of(batchBefore).replaced += 1;
    if (batch !== undefined) of(batch).joined += 1;
  }
  return moves;
}

export function* writeMoves(rows: Rows, control: Control, moves: BatchMoves): Step<void> {
  for (const [batch, { joined, replaced }] of moves) {
    if (joined > 0) yield* joinBatch(rows, batch, joined);
    for (let left = replaced; left > 0; left--) yield* noteBatchEnd(rows, control, batch, 'cancelled');
  }
}
