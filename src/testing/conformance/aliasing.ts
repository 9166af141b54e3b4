import { describe, expect, it } from 'vitest';
import type { Job } from '../../core/kernel/job.ts';
import type { Scene } from './scene.ts';
import { bury, complete, failure, release, retry, spec, T } from './spec.ts';

interface Note {
  text: string;
  tags: string[];
  at: Date;
  raw: Uint8Array;
}

const plain = () => ({ text: 'first', tags: ['a'] });
const rich = (): Note => ({ ...plain(), at: new Date(T), raw: new Uint8Array([1, 2, 3]) });

/** Changes whatever can be changed in a payload made by `plain` or `rich`. */
function spoil(payload: unknown): void {
  const note = payload as Partial<Note>;
  note.text = 'spoiled';
  note.tags?.push('spoiled');
  note.at?.setTime(0);
  note.raw?.fill(9);
}

/** Reading may answer frozen copies: then there is nothing to spoil. */
function spoilJob(job: Job): void {
  try {
    spoil(job.payload);
    Object.assign(job, { state: 'dead', name: 'spoiled', failures: 99, lane: 'spoiled' });
    (job.errors as unknown[]).push('spoiled');
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

export function describeAliasing(scene: Scene): void {
  describe('nothing aliases', () => {
    for (const [kind, note] of [
      ['plain', plain],
      ['rich', rich],
    ] as const) {
      describeGoingIn(scene, kind, note);
      describeComingOut(scene, kind, note);
    }
    describeRest(scene);
  });
}

function describeGoingIn(scene: Scene, kind: string, note: () => unknown): void {
  it(`changing a ${kind} payload after its enqueue changes nothing stored`, async () => {
    const { a, b } = scene;
    const payload = note();
    const job = { ...spec('x', { payload }) };
    await a.enqueue(T, job);
    spoil(payload);
    Object.assign(job, { name: 'spoiled', priority: 99 });
    expect(await a.job('x')).toMatchObject({ name: 'job', priority: 0, payload: note() });
    expect((await b.claimOne(T)).job.payload).toStrictEqual(note());
  });

  it(`changing a ${kind} payload while its enqueue is under way changes nothing stored`, async () => {
    const { a, b } = scene;
    const payload = note();
    const accepted = a.enqueue(T, spec('x', { payload }));
    spoil(payload);
    await accepted;
    expect((await b.claimOne(T)).job.payload).toStrictEqual(note());
  });

  it(`changing a ${kind} payload after it replaced another changes nothing stored`, async () => {
    const { a, b } = scene;
    const key = { idempotencyKey: 'k', onDuplicate: 'replace' } as const;
    const payload = note();
    await a.enqueue(T, spec('x', key));
    await a.enqueue(T, spec('y', { ...key, payload }));
    spoil(payload);
    expect((await b.claimOne(T)).job.payload).toStrictEqual(note());
  });

  it(`one ${kind} payload given to two jobs is two payloads`, async () => {
    const { a, b } = scene;
    const payload = note();
    await a.enqueue(T, spec('x', { payload }), spec('y', { payload }));
    const [x, y] = await b.claim(T);
    if (x) spoilJob(x.job);
    expect(y?.job.payload).toStrictEqual(note());
  });
}

function describeComingOut(scene: Scene, kind: string, note: () => unknown): void {
  it(`changing a claimed ${kind} payload changes nothing stored`, async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload: note() }));
    const x = await a.claimOne(T);
    const { fence } = x;
    spoilJob(x.job);
    expect(await a.job('x')).toMatchObject({
      state: 'active',
      name: 'job',
      failures: 0,
      errors: [],
      payload: note(),
    });
    await a.settle(T, { id: 'x', fence }, retry(T));
    const again = await b.claimOne(T);
    expect(again.job).toMatchObject({ attempt: 2, failures: 1, payload: note() });
    spoilJob(again.job);
    await b.settle(T, { id: 'x', fence: again.fence }, release(T));
    expect((await b.claimOne(T)).job.payload).toStrictEqual(note());
  });

  it(`changing a ${kind} payload that was read changes nothing stored`, async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload: note() }));
    spoilJob(await a.job('x'));
    for (const job of (await a.list({ state: 'pending' })).jobs) spoilJob(job);
    expect(await a.job('x')).toMatchObject({ state: 'pending', name: 'job', errors: [], payload: note() });
    const x = await a.claimOne(T);
    expect(x.job.payload).toStrictEqual(note());
    for (const job of (await b.list({ state: 'active' })).jobs) spoilJob(job);
    await b.settle(T, x, bury());
    for (const job of (await b.list({ state: 'dead' })).jobs) spoilJob(job);
    expect(await b.job('x')).toMatchObject({ state: 'dead', name: 'job', failures: 1, payload: note() });
    expect((await b.job('x')).errors).toHaveLength(1);
  });
}

/** As Node's Buffer does: what `slice` answers is the same memory. */
class SharingBytes extends Uint8Array<ArrayBuffer> {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer).subarray(start, end);
  }
}

function describeRest(scene: Scene): void {
  it('bytes of a class of their own are copied or refused, never shared', async () => {
    const { a, b } = scene;
    const payload = new SharingBytes(new Uint8Array([1, 2, 3]).buffer);
    const answer = await a.enqueue(T, spec('x', { payload })).catch((error: unknown) => error);
    payload.fill(9);
    if (answer instanceof Error) expect(answer).toMatchObject({ code: 'Payload' });
    else expect(Array.from((await b.job('x')).payload as Uint8Array)).toEqual([1, 2, 3]);
  });

  it('changing overrides after they were stored, or read, changes nothing stored', async () => {
    const { a, b } = scene;
    const backoff = { kind: 'fixed' as const, initialMs: 10 };
    await a.enqueue(T, spec('x', { backoff }));
    backoff.initialMs = 99;
    const read = await b.job('x');
    expect(read.backoff).toEqual({ kind: 'fixed', initialMs: 10 });
    Object.assign(read.backoff ?? {}, { initialMs: 77 });
    expect((await b.claimOne(T)).job.backoff).toEqual({ kind: 'fixed', initialMs: 10 });
  });

  it('changing progress after it was stored, or read, changes nothing stored', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T);
    const progress = rich();
    await b.extend(T, [x], { progress });
    spoil(progress);
    const read = await b.job('x');
    expect(read.progress).toStrictEqual(rich());
    spoilJob({ ...read, payload: read.progress });
    expect((await b.job('x')).progress).toStrictEqual(rich());
  });

  it('changing an error after it was stored changes nothing stored', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const error = { ...failure() };
    await a.settle(T, await b.claimOne(T), retry(T, error));
    error.message = 'spoiled';
    expect((await a.job('x')).errors).toEqual([failure()]);
  });

  it('changing what a completed job enqueued changes nothing stored', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const payload = plain();
    await a.settle(T, await b.claimOne(T), complete(spec('y', { payload })));
    spoil(payload);
    expect((await a.claimOne(T)).job.payload).toEqual(plain());
  });
}
