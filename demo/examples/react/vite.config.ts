import { defineConfig } from 'vite';

// With Fast Refresh: `plugins: [react()]` of @vitejs/plugin-react.
export default defineConfig({});
