import preact from "@preact/preset-vite";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Beside each asset a packed copy, which the server sends to browsers that take it. */
const packed: Plugin = {
  name: "packed",
  enforce: "post",
  async generateBundle(_options, bundle) {
    for (const [name, file] of Object.entries(bundle)) {
      if (!/\.(js|css)$/.test(name)) continue;
      const content = new Blob([file.type === "chunk" ? file.code : (file.source as string)]);
      const stream = content.stream().pipeThrough(new CompressionStream("gzip"));
      const source = new Uint8Array(await new Response(stream).arrayBuffer());
      this.emitFile({ type: "asset", fileName: `${name}.gz`, source });
    }
  },
};

// Relative addresses and routes behind `#`: the UI works under any --static-prefix.
export default defineConfig({
  base: "./",
  plugins: [preact(), packed],
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
