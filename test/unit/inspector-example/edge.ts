import { edit, type Handle, redrive, remove } from 'holdfast';
import { adminFront, httpQueue } from 'holdfast/edge';
import type { HoldfastInspector } from 'holdfast/inspector';

const jobs = {};
declare const adminOf: (request: Request) => { readonly email: string } | undefined;
declare const inspector: HoldfastInspector;
declare const token: string;

export class Notebook {
  declare queue: Handle;

  open() {
    // In the object
    const admin = adminFront(this.queue, {
      authorize: (request) => adminOf(request)?.email, // undefined: 401
      actions: { redrive, remove, edit },
      onAction: ({ identity, operation, args }) => console.log(identity, operation, args),
    });
    // In its fetch: if (pathname === '/admin/calls') return admin(request);
    return admin;
  }
}

export function show() {
  // In the page
  inspector.queue = httpQueue('/admin/calls', {
    jobs,
    headers: () => ({ authorization: `Bearer ${token}` }),
  });
}
