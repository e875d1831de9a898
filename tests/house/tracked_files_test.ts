/**
 * What is committed holds for every machine: no names of package registries' hosts, no paths of the machine it was written on.
 *
 * @module
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readConfig, ROOT } from "../../scripts/lib/project.ts";
import { BUILD, VERSION } from "../../src/support/version.ts";
import { skip, test } from "../testing/test.ts";

/** Hosts of the public registries, as the first half of their SHA-256, for this file is committed too. */
const REGISTRY_HOSTS = new Set([
  "0dc11026ac75c015",
  "70bb4000cd2fab03",
  "f5c653675ede2254",
  "386c042daaf7f1eb",
  "a4aa2ac280bb8d1a",
  "c899567ee9068517",
  "eb7e11c7f9ecbcf4",
  "3d01f3609be82d98",
  "00a7dc5a0cc38858",
  "9da5f32d96412512",
  "43c04ed1dabe979b",
  "317d2d52829b7812",
  "e680c440a2e92079",
  "1ba4e37997a2e986",
  "c2b35955576ffa71",
]);

/** Whether a text names such a host. Which registry is used is each user's own configuration. */
const namesRegistry = (text: string) =>
  (text.toLowerCase().match(/[a-z0-9-]+(\.[a-z0-9-]+)+/g) ?? []).some((host) =>
    REGISTRY_HOSTS.has(createHash("sha256").update(host).digest("hex").slice(0, 16))
  );

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

/** Tracked files with a line that is found, as `path:line`. */
function placesOf(isFound: (line: string) => boolean): string[] {
  return trackedFiles().flatMap((path) => {
    const lines = readFileSync(join(ROOT, path), "utf8").split("\n");
    return lines.flatMap((line, index) => isFound(line) ? [`${path}:${index + 1}`] : []);
  });
}

test("no committed file names the host of a package registry", () => {
  assert(namesRegistry(["https://registry", "npmjs", "org/x"].join(".")));
  assert.deepEqual(placesOf(namesRegistry), []);
});

test("no committed file names a path of the machine that it was written on", () => {
  assert.match(["", "work", "main", "src"].join("/"), MACHINE_PATHS);
  assert.deepEqual(placesOf((line) => MACHINE_PATHS.test(line)), []);
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
