import 'fake-indexeddb/auto';
import { count } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { fakeNetwork } from 'holdfast/testing';
import { expect, it, vi } from 'vitest';
import { openFor, type Session, signOut, signOutAndForget } from './auth.ts';

function fakeSession(user: string) {
  const listeners = new Set<(isSignedIn: boolean) => void>();
  let token = 'first';
  const session: Session = {
    user,
    token: () => token,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const change = (isSignedIn: boolean, next = token) => {
    token = next;
    for (const listener of [...listeners]) listener(isSignedIn);
  };
  return { session, change };
}

const where = () => ({ store: indexedDBStore('auth guide') });

it('docs/guides/auth.md: nobody sends the notes of another, and a token that ran out costs nothing', async () => {
  const network = fakeNetwork([401, 200]);
  vi.stubGlobal('fetch', network.fetch);
  const ada = fakeSession('ada');
  const notes = openFor(ada.session, where());
  await notes.queue.enqueue('note.push', { id: '1', text: 'of Ada' });
  await signOut(notes);
  expect(network.requests).toHaveLength(0);

  const bob = fakeSession('bob');
  const others = openFor(bob.session, where());
  bob.change(true);
  expect(await count(others.queue)).toMatchObject({ pending: 0, active: 0 });
  expect(await signOutAndForget(others)).toEqual([]);

  const again = openFor(ada.session, where());
  const refused = new Promise((resolve) => again.queue.on('target:closed', resolve));
  const done = new Promise((resolve) => again.queue.on('job:completed', resolve));
  ada.change(true);
  expect(await refused).toMatchObject({ reason: 'signed-out' });
  ada.change(true, 'second');
  await done;
  expect(network.requests.map(({ headers }) => headers.get('authorization'))).toEqual([
    'Bearer first',
    'Bearer second',
  ]);
  ada.change(false);
  await again.queue.enqueue('note.push', { id: '2', text: 'unsent' });
  expect(await signOutAndForget(again)).toEqual([{ id: '2', text: 'unsent' }]);
  vi.unstubAllGlobals();
});
