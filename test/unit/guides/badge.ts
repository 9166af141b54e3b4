import { type Queue, watch } from 'holdfast';

/** Shows how much is still to be sent; returns what ends it. */
export function showCount(queue: Queue, badge: { textContent: string | null }): () => void {
  const { subscribe, getSnapshot } = watch(queue);
  const show = () => {
    const { pending = 0, active = 0 } = getSnapshot() ?? {};
    badge.textContent = `${pending + active} to send`;
  };
  show();
  return subscribe(show);
}
