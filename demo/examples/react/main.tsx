import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Notes } from './notes.tsx';

const app = document.querySelector('#app') as HTMLElement;
createRoot(app).render(
  <StrictMode>
    <Notes />
  </StrictMode>,
);
