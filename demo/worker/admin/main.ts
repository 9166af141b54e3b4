import { defineJobs, job } from 'holdfast';
import { httpQueue } from 'holdfast/edge';
import { defineInspector } from 'holdfast/inspector';

/** In this tab alone, and gone with it. */
const KEY = 'kelp-admin-token';
const main = document.querySelector('main') as HTMLElement;
const form = document.querySelector('#sign-in') as HTMLFormElement;

function open(token: string): void {
  const queue = httpQueue(new URL('/admin/calls', location.href).href, {
    jobs: defineJobs({ 'note.index': job<{ id: string }>(), 'note.digest': job<null>() }),
    headers: { authorization: `Bearer ${token}` },
  });
  const inspector = document.createElement('holdfast-inspector');
  inspector.queue = queue;
  main.replaceChildren(inspector);
}

defineInspector();
// A link has it behind the #, which no server sees; it does not stay in the address.
const given = decodeURIComponent(location.hash.slice(1));
if (given !== '') {
  sessionStorage.setItem(KEY, given);
  history.replaceState(null, '', location.pathname);
}
const token = sessionStorage.getItem(KEY);
if (token !== null) open(token);
else form.hidden = false;
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const typed = String(new FormData(form).get('token'));
  sessionStorage.setItem(KEY, typed);
  open(typed);
});
