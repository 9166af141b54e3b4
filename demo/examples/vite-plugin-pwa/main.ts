/// <reference types="vite-plugin-pwa/vanillajs" />
import { registerSW } from 'virtual:pwa-register';

registerSW({ immediate: true });

const form = document.querySelector('#form') as HTMLFormElement;
const status = document.querySelector('#status') as HTMLElement;

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const response = await fetch('/api/messages', { method: 'POST', body: new FormData(form) });
  status.textContent = response.status === 202 ? 'Kept. It is sent when the network is back.' : 'Sent.';
  form.reset();
});
