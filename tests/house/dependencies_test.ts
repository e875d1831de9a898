/**
 * `.github/DEPENDENCIES.md`, `deno.json`, the sources and the installed packages agree.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageOf } from "../../scripts/lib/imports.ts";
import { isTypeScript, listFiles, readConfig, ROOT } from "../../scripts/lib/project.ts";
import { test } from "../testing/test.ts";

interface Row {
  name: string;
  doors: string[];
  why: string;
  licence: string;
}

const table: Row[] = readFileSync(join(ROOT, ".github/DEPENDENCIES.md"), "utf8").split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()))
  .map(([name, door, why, licence]) => ({
    name: name.replaceAll("`", ""),
    doors: [...door.matchAll(/`([^`]+)`/g)].map(([, path]) => path),
    why,
    licence,
  }));

const packages = Object.entries(readConfig().imports).filter(([, target]) => target.startsWith("npm:"));

/** Files of a folder that import a package, by their import statements. */
function importersOf(name: string, folders: string[]): string[] {
  return folders.flatMap((folder) => listFiles(folder, isTypeScript)).filter((path) => {
    // Lines of comments are left out: documentation shows imports, too.
    const text = readFileSync(join(ROOT, path), "utf8").replace(/^\s*\*.*$/gm, "");
    const specifiers = text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*"([^"]+)"/gm);
    // Types of a package that has no code are imported by their path.
    const named = [...specifiers].map(([, specifier]) => specifier.replace(/^(\.\.\/)+node_modules\//, ""));
    return named.some((specifier) => !/^(\.|node:)/.test(specifier) && packageOf(specifier) === name);
  });
}

test("the table names exactly the libraries of deno.json", () => {
  assert.deepEqual(table.map(({ name }) => name).sort(), packages.map(([name]) => name).sort());
});

test("every library is pinned to one version, under its own name", () => {
  for (const [name, target] of packages) assert.match(target, new RegExp(`^npm:${name}@\\d+\\.\\d+\\.\\d+$`));
});

test("every library has a reason", () => {
  assert.deepEqual(table.filter(({ why }) => why.length < 20), []);
});

test("the licences are those of the installed packages", () => {
  const installed = table.map(({ name }) => {
    const file = join(ROOT, "node_modules", name, "package.json");
    return [name, existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).license : "not installed"];
  });
  assert.deepEqual(table.map(({ name, licence }) => [name, licence]), installed);
});

test("every library is imported, and only by its door", () => {
  const problems = table.flatMap(({ name, doors }) => {
    // A row whose door is no path: a language of a layer, types that nobody imports, or a package behind another.
    const paths = doors.filter((door) => /^(src|tests|scripts)\b/.test(door));
    if (paths.length === 0 || name.startsWith("@oven/")) return [];
    const folders = paths.some((path) => path.startsWith("src")) ? ["src"] : ["src", "tests", "scripts"];
    const importers = importersOf(name, folders);
    if (importers.length === 0) return [`nobody imports ${name}`];
    const strangers = importers.filter((file) => !paths.some((path) => file === path || file.startsWith(`${path}/`)));
    return strangers.map((file) => `${file} imports ${name}, whose door is ${paths.join(" and ")}`);
  });
  assert.deepEqual(problems, []);
});
