import { createQueue, defineJobs, type Gate, gates, job, type Store } from 'holdfast';
import { all, battery, network, online, signedIn, visible, when } from 'holdfast/browser';

interface Settings {
  get(): { readonly upload: boolean };
  subscribe(changed: () => void): () => void;
}
interface Auth {
  onChange(listener: (user: object | null) => void): () => void;
}

const jobs = defineJobs({
  'note.push': job<{ id: string }>(),
  'video.upload': job<{ id: string }>(),
  'preview.load': job<{ id: string }>(),
});

/** The code of docs/features/gates.md. */
export function gatesOf(settings: Settings, auth: Auth, store: Store) {
  const use = [
    gates({
      'note.push': online(),
      'video.upload': all(online(), network({ type: ['wifi', 'ethernet'] }), battery()),
      'preview.load': visible(),
    }),
  ];
  const queue = createQueue({ name: 'sync', jobs, store, use });

  const mayUpload = when(
    () => settings.get().upload,
    (changed) => settings.subscribe(changed),
  );

  const withUser = signedIn((set) => auth.onChange((user) => set(user !== null)));

  const reachable = online({ probe: '/api/ping' });

  const officeHours: Gate = {
    isOpen() {
      const hour = new Date().getHours();
      return hour >= 9 && hour < 17;
    },
    subscribe(listener) {
      const timer = setInterval(listener, 60_000);
      return () => clearInterval(timer);
    },
  };

  return { queue, mayUpload, withUser, reachable, officeHours };
}
