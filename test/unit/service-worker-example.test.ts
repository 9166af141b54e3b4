import 'fake-indexeddb/auto';
import { afterEach, expect, it, vi } from 'vitest';
import { latch } from './scene.ts';
import { fakeScope } from './service-worker-scope.ts';

afterEach(() => vi.unstubAllGlobals());

it('the example of the docs stores in the page and sends in the service worker', async () => {
  const scope = fakeScope();
  const asked = latch();
  const { sync } = scope.registration;
  const registration = {
    ...scope.registration,
    sync: { register: (tag: string) => sync?.register(tag).then(asked.open) },
  };
  vi.stubGlobal('registration', registration);
  vi.stubGlobal('addEventListener', scope.addEventListener);
  vi.stubGlobal('removeEventListener', scope.removeEventListener);
  const sent: string[] = [];
  const OwnRequest = globalThis.Request;
  vi.stubGlobal(
    'Request',
    class extends OwnRequest {
      constructor(path: string, init?: RequestInit) {
        super(new URL(path, 'http://localhost'), init);
      }
    },
  );
  vi.stubGlobal('fetch', async (request: Request) => {
    sent.push(await request.text());
    return new Response(null, { status: 201 });
  });
  await import('./service-worker-example/sw.ts');
  const { save } = await import('./service-worker-example/page.ts');
  await asked.promise;
  await save('the first note');
  const [held] = scope.dispatch('sync', { tag: scope.registered[0] ?? '' });
  await held?.promise;
  expect(sent).toEqual(['the first note']);
});
