import { defineJobs, type Gate, job } from 'holdfast';
import { all, battery, network, online, signedIn, visible, when } from 'holdfast/browser';

interface Settings {
  get(): { readonly upload: boolean };
  subscribe(changed: () => void): () => void;
}
interface Auth {
  onChange(listener: (user: object | null) => void): () => void;
}

/** The code of docs/gates.md. */
export function gatesOf(settings: Settings, auth: Auth) {
  const jobs = defineJobs({
    'note.push': job<{ id: string }>({ gate: online() }),
    'video.upload': job<{ id: string }>({
      gate: all(online(), network({ type: ['wifi', 'ethernet'] }), battery()),
    }),
    'preview.load': job<{ id: string }>({ gate: visible() }),
  });

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

  return { jobs, mayUpload, withUser, reachable, officeHours };
}
