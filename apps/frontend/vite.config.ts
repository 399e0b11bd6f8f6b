import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  build: { outDir: 'dist/public', emptyOutDir: true },
  // In the cluster the gateway sends /api to the backend.
  server: { proxy: { '/api': 'http://localhost:3000' } },
});
