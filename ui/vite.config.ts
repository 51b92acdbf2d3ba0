import preact from "@preact/preset-vite";
import { defineConfig } from "vitest/config";

// Relative addresses and routes behind `#`: the UI works under any --static-prefix.
export default defineConfig({
  base: "./",
  plugins: [preact()],
  build: {
    outDir: "../src/mainstay/server/static",
    emptyOutDir: true,
    sourcemap: false,
    // The server's policy allows no inline data but images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": "http://127.0.0.1:5000", "/ajax-api": "http://127.0.0.1:5000" } },
  test: { include: ["src/**/*.test.{ts,tsx}"] },
});
