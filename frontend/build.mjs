/**
 * Build static/dist from these sources. Same input, same bytes: no date, no machine path, no hash in names.
 *
 * `node build.mjs`          writes ../static/dist
 * `node build.mjs --check`  builds aside and exits 1 when static/dist is stale
 * `node build.mjs --watch`  rebuilds when a source changes
 *
 * entries/NAME.js  becomes dist/NAME.js (site.js on every page, editor.js only where a person may write).
 * Every other folder holds behaviours, one module each: « import "wm:behaviours" » brings them all, in the order
 * of their paths. editor/ is reached from entries/editor.js alone; fuzz/ and harness/ never ship.
 * styles/NAME.scss without a leading underscore becomes dist/NAME.css. Fonts are copied, icons.txt makes icons.svg.
 */
import { build } from "esbuild";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as sass from "sass";

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, "..", "static", "dist");
const apart = new Set(["editor", "entries", "fonts", "fuzz", "harness", "node_modules"]);
const budgets = { "site.js": 150_000, "site.css": 60_000 };

const list = (folder, test) =>
  fs.existsSync(folder) ? fs.readdirSync(folder).filter(test).sort() : [];

const behaviours = {
  name: "behaviours",
  setup(plugin) {
    plugin.onResolve({ filter: /^wm:behaviours$/ }, () => ({ path: "behaviours", namespace: "wm" }));
    plugin.onLoad({ filter: /.*/, namespace: "wm" }, () => {
      const folders = list(here, (name) => !apart.has(name) && fs.statSync(path.join(here, name)).isDirectory());
      const files = folders.flatMap((folder) =>
        list(path.join(here, folder), (name) => name.endsWith(".js")).map((name) => `./${folder}/${name}`),
      );
      return { contents: files.map((file) => `import ${JSON.stringify(file)};`).join("\n"), resolveDir: here };
    });
  },
};

async function buildScripts(out) {
  const names = list(path.join(here, "entries"), (name) => name.endsWith(".js"));
  await build({
    absWorkingDir: here,
    entryPoints: names.map((name) => `entries/${name}`),
    outdir: out,
    bundle: true,
    format: "esm",
    target: ["es2022", "chrome111", "firefox115", "safari16.4"],
    minify: true,
    charset: "utf8",
    legalComments: "none",
    sourcemap: false,
    loader: { ".json": "json" },
    plugins: [behaviours],
    logLevel: "warning",
  });
}

function buildStyles(out) {
  const folder = path.join(here, "styles");
  for (const name of list(folder, (file) => file.endsWith(".scss") && !file.startsWith("_"))) {
    const { css } = sass.compile(path.join(folder, name), {
      style: "compressed",
      charset: false,
      loadPaths: [path.join(here, "node_modules")],
      quietDeps: true,
      silenceDeprecations: ["import", "global-builtin", "color-functions"],
    });
    fs.writeFileSync(path.join(out, name.replace(/\.scss$/, ".css")), `${css}\n`);
  }
  for (const name of list(path.join(here, "editor"), (file) => file.endsWith(".scss"))) {
    const { css } = sass.compile(path.join(here, "editor", name), { style: "compressed", charset: false });
    fs.writeFileSync(path.join(out, name.replace(/\.scss$/, ".css")), `${css}\n`);
  }
}

function copyFonts(out) {
  const fonts = path.join(out, "fonts");
  fs.mkdirSync(fonts);
  for (const name of list(path.join(here, "fonts"), (file) => file.endsWith(".woff2")))
    fs.copyFileSync(path.join(here, "fonts", name), path.join(fonts, name));
  const wanted = { "source-sans-3": "wght", "source-serif-4": "opsz" };
  for (const [family, axis] of Object.entries(wanted)) {
    const files = path.join(here, "node_modules", "@fontsource-variable", family, "files");
    for (const subset of ["latin", "latin-ext"])
      for (const style of ["normal", "italic"]) {
        const name = `${family}-${subset}-${axis}-${style}.woff2`;
        fs.copyFileSync(path.join(files, name), path.join(fonts, name));
      }
  }
}

function buildIcons(out) {
  const names = fs.readFileSync(path.join(here, "icons.txt"), "utf8").split(/\s+/).filter(Boolean);
  const symbols = [...new Set(names)].sort().map((name) => {
    const svg = fs.readFileSync(path.join(here, "node_modules", "bootstrap-icons", "icons", `${name}.svg`), "utf8");
    const [, box, inside] = /viewBox="([^"]+)"[^>]*>([\s\S]*)<\/svg>/.exec(svg);
    return `<symbol id="i-${name}" viewBox="${box}">${inside.replace(/\s*\n\s*/g, "")}</symbol>`;
  });
  fs.writeFileSync(
    path.join(out, "icons.svg"),
    `<svg xmlns="http://www.w3.org/2000/svg" fill="currentColor">\n${symbols.join("\n")}\n</svg>\n`,
  );
}

function readTree(folder, base = "") {
  return list(folder, () => true).flatMap((name) => {
    const file = path.join(folder, name);
    return fs.statSync(file).isDirectory() ? readTree(file, `${base}${name}/`) : [[`${base}${name}`, file]];
  });
}

async function buildAll(out) {
  fs.rmSync(out, { recursive: true, force: true });
  fs.mkdirSync(out, { recursive: true });
  await buildScripts(out);
  buildStyles(out);
  copyFonts(out);
  buildIcons(out);
  let tooBig = false;
  for (const [name, file] of readTree(out)) {
    if (!/\.(js|css|svg)$/.test(name)) continue;
    const size = gzipSync(fs.readFileSync(file), { level: 9 }).length;
    const over = size > (budgets[name] ?? Infinity);
    tooBig ||= over;
    console.log(`${name}  ${(size / 1000).toFixed(1)} kB gzip${over ? `  over its budget of ${budgets[name] / 1000} kB` : ""}`);
  }
  if (tooBig) process.exitCode = 1;
}

const digest = (file) => createHash("sha256").update(fs.readFileSync(file)).digest("hex");

if (process.argv.includes("--check")) {
  const aside = fs.mkdtempSync(path.join(here, ".dist-"));
  try {
    await buildAll(aside);
    const [fresh, old] = [aside, dist].map((folder) => new Map(readTree(folder).map(([name, file]) => [name, digest(file)])));
    const stale = [...new Set([...fresh.keys(), ...old.keys()])].filter((name) => fresh.get(name) !== old.get(name));
    if (stale.length) {
      console.error(`static/dist is stale: ${stale.join(", ")}. Run « npm run build » in frontend/ and commit the result.`);
      process.exitCode = 1;
    }
  } finally {
    fs.rmSync(aside, { recursive: true, force: true });
  }
} else {
  await buildAll(dist);
  if (process.argv.includes("--watch")) {
    let timer;
    fs.watch(here, { recursive: true }, (_, name) => {
      if (!name || name.startsWith("node_modules") || name.startsWith(".dist-")) return;
      clearTimeout(timer);
      timer = setTimeout(() => buildAll(dist).catch((error) => console.error(error.message)), 150);
    });
  }
}
