/**
 * What is committed holds for every machine: no names of package registries' hosts, no paths of the machine it was written on.
 *
 * @module
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readConfig, ROOT } from "../../scripts/lib/project.ts";
import { BUILD, VERSION } from "../../src/support/version.ts";
import { skip, test } from "../testing/test.ts";

/** Which registry is used is each user's own configuration. */
const REGISTRY_HOSTS =
  /registry\.(npmjs|yarnpkg)\.\w+|npm\.jsr\.io|\bpypi\.org|pythonhosted\.org|(index|static)\.crates\.io|(proxy|sum)\.golang\.org|repo1?\.maven\.|(deb|security|ftp)\.debian\.org/;

const MACHINE_PATHS = /\/work\/(main|shared)\b|\/tmp\/\w+_(jobs|tool)/;

function trackedFiles(): string[] {
  try {
    const listed = execFileSync("git", ["ls-files", "-z"], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return listed.split("\0").filter((path) => path !== "" && existsSync(join(ROOT, path)));
  } catch {
    return skip("This is no git checkout, or git is not installed");
  }
}

/** Tracked files with a line that matches, as `path:line`. */
function placesOf(pattern: RegExp): string[] {
  return trackedFiles().flatMap((path) => {
    const lines = readFileSync(join(ROOT, path), "utf8").split("\n");
    return lines.flatMap((line, index) => pattern.test(line) ? [`${path}:${index + 1}`] : []);
  });
}

test("no committed file names the host of a package registry", () => {
  assert.match(["https://registry", "npmjs", "org/x"].join("."), REGISTRY_HOSTS);
  assert.deepEqual(placesOf(REGISTRY_HOSTS), []);
});

test("no committed file names a path of the machine that it was written on", () => {
  assert.match(["", "work", "main", "src"].join("/"), MACHINE_PATHS);
  assert.deepEqual(placesOf(MACHINE_PATHS), []);
});

test("the top level holds what the README says and no more", () => {
  const top = new Set(trackedFiles().map((path) => path.split("/")[0]).filter((name) => !name.startsWith(".")));
  const allowed = ["README.md", "deno.json", "main.ts", "scripts", "src", "tests"];
  assert.deepEqual([...top].filter((name) => !allowed.includes(name)), []);
});

test("the version has one home", () => {
  assert.equal(VERSION, readConfig().version);
  assert.match(VERSION, /^\d+\.\d+\.\d+(-[\w.]+)?$/);
  assert.equal(BUILD, "source");
});
