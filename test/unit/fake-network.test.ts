import { throwForStatus } from 'holdfast';
import { fakeEnvironment, fakeNetwork } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { ended } from './scene.ts';

const URL_OF_NOTES = 'https://notes.example/a';

describe('a fake network', () => {
  it('answers one request after the other, and all further ones with the last of its answers', async () => {
    const { fetch } = fakeNetwork([500, { status: 201, json: { id: 'a' } }, 204]);
    const answers = [await fetch(URL_OF_NOTES), await fetch(URL_OF_NOTES)];
    expect(answers.map(({ status }) => status)).toEqual([500, 201]);
    expect(await answers[1]?.json()).toEqual({ id: 'a' });
    expect([(await fetch(URL_OF_NOTES)).status, (await fetch(URL_OF_NOTES)).status]).toEqual([204, 204]);
  });

  it('is offline as a browser is', async () => {
    const { fetch } = fakeNetwork(['offline']);
    await expect(fetch(URL_OF_NOTES)).rejects.toThrow(new TypeError('Failed to fetch'));
  });

  it('sends the headers that it is told to', async () => {
    const { fetch } = fakeNetwork([{ status: 429, headers: { 'retry-after': '30' } }]);
    const response = await fetch(URL_OF_NOTES);
    expect(() => throwForStatus(response)).toThrow(
      expect.objectContaining({ reason: 'busy', retryAfterMs: 30_000 }),
    );
  });

  it('answers late by its clock, and rejects with the reason of a signal that is aborted meanwhile', async () => {
    const clock = fakeEnvironment();
    const { fetch } = fakeNetwork([{ afterMs: 5_000 }], { clock });
    const slow = fetch(URL_OF_NOTES);
    await clock.advance(4_999);
    await expect(ended(slow)).rejects.toThrow('not ended');
    await clock.advance(1);
    expect((await slow).status).toBe(200);
    const abort = new AbortController();
    const given = fetch(URL_OF_NOTES, { signal: abort.signal });
    await clock.flush();
    abort.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    expect(clock.timers).toBe(0);
  });

  it('rejects a request whose signal is aborted already', async () => {
    const { fetch } = fakeNetwork();
    await expect(fetch(URL_OF_NOTES, { signal: AbortSignal.abort(new Error('late')) })).rejects.toThrow(
      'late',
    );
  });

  it('keeps what was asked, and leads relative URLs to localhost', async () => {
    const { fetch, requests } = fakeNetwork([({ method }) => new Response(method)]);
    expect(await (await fetch('/notes', { method: 'PUT', body: 'text' })).text()).toBe('PUT');
    expect([requests[0]?.url, await requests[0]?.text()]).toEqual(['http://localhost/notes', 'text']);
  });

  it('changes its answers from now on', async () => {
    const network = fakeNetwork(['offline']);
    network.answer(503, 200);
    const { status } = await network.fetch(URL_OF_NOTES);
    expect([status, (await network.fetch(URL_OF_NOTES)).status]).toEqual([503, 200]);
  });

  it.each([
    [[99], 'status is 99: expected a status from 200 to 599'],
    [['offlin'], 'answer is "offlin": expected \'offline\', a status, a response or a function'],
    [[{ afterMs: 5 }], 'afterMs is 5: expected a clock: fakeNetwork(answers, { clock })'],
    [[{ after: 5 }], 'answer is "after": expected only status, headers, json, afterMs'],
  ])('refuses an answer that there is not: %j', (answers, message) => {
    expect(() => fakeNetwork(answers as never)).toThrow(message);
  });
});
