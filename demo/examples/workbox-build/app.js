navigator.serviceWorker.register('/sw.js');

const form = document.querySelector('#form');
const status = document.querySelector('#status');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const response = await fetch('/api/messages', { method: 'POST', body: new FormData(form) });
  status.textContent = response.status === 202 ? 'Kept. It is sent when the network is back.' : 'Sent.';
  form.reset();
});
