// @vitest-environment happy-dom
import './quiet-lit.ts';

import { expect, it } from 'vitest';
import { queue } from './inspector-example/queue.ts';

it('the example of the inspector shows its queue', async () => {
  await import('./inspector-example/page.ts');
  const inspector = document.querySelector('holdfast-inspector')!;
  const text = () => inspector.shadowRoot?.textContent?.replace(/\s+/g, ' ');
  await expect.poll(text).toContain('Nothing waits and nothing runs');
  await queue.enqueue('mail.send', { to: 'hush' });
  await expect.poll(text).toContain('mail.send');

  inspector.actions = ['retry', 'discard']; // [] only shows

  inspector.redact = ({ payload: _, ...job }) => job;

  await inspector.updateComplete;
  expect(text()).not.toContain('Pause queue');
  inspector.remove();
  await queue.close();
});
