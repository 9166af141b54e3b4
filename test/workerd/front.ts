import { httpFront, type Permission, queueClient } from 'holdfast/edge';
import { jobs, use } from './worker.ts';

export const APP = 'https://app.example';

/** What each token may do; no token, or another: nothing. */
const PERMISSIONS: Readonly<Record<string, () => Permission | Promise<Permission>>> = {
  all: () => true,
  later: () => Promise.resolve(true),
  sends: () => ({ names: ['send', 'unhandled', 'nonsense'] }),
  null: () => null,
  no: () => false,
  login: () => Response.redirect('https://login.example/'),
  user: () => ({ id: 'a user' }) as never,
  word: () => 'yes' as never,
  throws: () => {
    throw new Error('the secret of the session store');
  },
};

const authorize = (request: Request): Permission | Promise<Permission> => {
  const token = request.headers.get('authorization')?.replace('Bearer ', '') ?? '';
  const permission = PERMISSIONS[token];
  return permission === undefined ? undefined : permission();
};

/** `/<queue>/<front>/…/jobs`: a front for the queue of this name, for pages of other origins or not. */
export function front(request: Request, { MAILER }: Cloudflare.Env): Promise<Response> {
  const [, name = '', kind] = new URL(request.url).pathname.split('/');
  return httpFront({
    queue: queueClient(MAILER, name, { jobs, use }),
    jobs,
    names: ['send', 'letter'],
    authorize,
    onError: () => {},
    ...(kind === 'paged' ? { cors: { origins: [APP, 'http://localhost:5173'], credentials: true } } : {}),
    ...(kind === 'open' ? { cors: { origins: [APP] } } : {}),
  })(request);
}
