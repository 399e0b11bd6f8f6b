import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import './style.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html: expected an element with the id "root", found none');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
