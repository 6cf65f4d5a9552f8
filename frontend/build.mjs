// Builds the page: src/main.ts and what it imports become page.js and page.css in python-lib/govern_mirror/page.
// The same sources and versions (package-lock.json) give the same bytes; the result is committed, so that neither
// users nor DSS need npm. `--outdir DIR` writes elsewhere.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const at = process.argv.indexOf("--outdir");
const target = at > 0 ? process.argv[at + 1] : join(here, "..", "python-lib", "govern_mirror", "page");

await build({
  absWorkingDir: here,
  entryPoints: { page: "src/main.ts" },
  outdir: target,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
});

const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const licences = Object.entries(dependencies).map(([name, version]) => {
  const text = readFileSync(join(here, "node_modules", name, "LICENSE"), "utf8").trim();
  return `${name} ${version}\n\n${text}\n`;
});
writeFileSync(join(target, "LICENSES.txt"), licences.join("\n" + "-".repeat(80) + "\n\n"));
