/** Mounts the app. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app';
import { guardSinks } from './base/trusted-types';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element #root.');

guardSinks();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
