// Bundles the style sheets and scripts into the folder given as the first argument, with hashed names, a manifest
// (entry name -> file name) and the licences of everything that went in.
import { build } from "esbuild";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";

const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);
const target = resolve(process.argv[2]);
const entries = ["css/app.css", "css/diagram.css", "js/app.js", "js/diagram.js"];

mkdirSync(target, { recursive: true });

const result = await build({
  absWorkingDir: here,
  entryPoints: entries,
  outdir: target,
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  target: ["chrome123", "firefox120", "safari17.5"],
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file", ".woff": "file", ".ttf": "file", ".eot": "file", ".svg": "file" },
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const manifest = {};
for (const [file, output] of Object.entries(result.metafile.outputs)) {
  if (output.entryPoint) manifest[basename(output.entryPoint)] = basename(file);
}
writeFileSync(join(target, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);

/** The folder of the npm package a bundled file comes from; undefined for our own files. */
function packageOf(input) {
  const parts = input.split("/");
  const at = parts.lastIndexOf("node_modules");
  if (at < 0) return undefined;
  const length = parts[at + 1].startsWith("@") ? 3 : 2;
  return parts.slice(0, at + length).join("/");
}

const packages = [...new Set(Object.keys(result.metafile.inputs).map(packageOf).filter(Boolean))].sort();
const notices = packages.map((folder) => {
  const about = JSON.parse(readFileSync(join(here, folder, "package.json"), "utf8"));
  const file = readdirSync(join(here, folder)).find((name) => /^licen[cs]e/i.test(name));
  const text = file && existsSync(join(here, folder, file)) ? readFileSync(join(here, folder, file), "utf8").trim() : "";
  return `${about.name} ${about.version}\n${about.license ?? ""}\n\n${text}\n`;
});
writeFileSync(join(target, "third-party-licences.txt"), notices.join(`\n${"-".repeat(78)}\n\n`));
console.log(`${Object.keys(manifest).length} entries, ${packages.length} packages -> ${relative(process.cwd(), target)}`);
