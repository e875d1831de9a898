/**
 * What is sent of a Dockerfile's folder is what the docker command's classic build sends, for the same `.dockerignore`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import fc from "fast-check";
import { tarOf } from "../../src/docker/tar.ts";
import { removeMade, runBuild } from "../../src/images/build/build_stream.ts";
import { readDockerignore, tarEntryOf, walkFolder } from "../../src/images/build/context_folder.ts";
import { skip, test } from "../testing/test.ts";
import { Engine } from "./storage_support.ts";

// deno-fmt-ignore
const FILES = [
  "a.txt", "b.log", ".hidden", "with space.txt", "a+b(c).txt", "x$y{1}", "README.md",
  "dir/a.txt", "dir/b.log", "dir/sub/a.txt", "dir/sub/deep/c.md", "dir/sub/deep/.env",
  "node_modules/x/index.js", "node_modules/x/node_modules/y/index.js", "src/node_modules/z/i.js",
  "src/main.ts", "src/lib/util.ts", "src/lib/util_test.ts", "Dir/a.txt", "foo/bar", "foobar/baz", "temp1/t", "temp22/t",
];

const SETS = [
  "",
  "*\n",
  "*\n!src\n",
  "*\n!**/*.txt\n",
  "*\n!dir/**/*.md\n",
  "dir\n!dir/sub/a.txt\n",
  "dir/*\n!dir/sub\n",
  "**/*.txt\n!a.txt\n",
  "# comment\n #not.a.comment\n\n  /a.txt  \n./dir/../b.log\nfoo/\n",
  "**/node_modules\n",
  "node_modules\n!node_modules/x/index.js\n",
  "**\n!README.md\n",
  "temp?\n",
  "[a-c].*\n\\.hidden\n",
  "a+b(c).txt\nx$y{1}\nwith space.txt\n",
  "Dockerfile\n.dockerignore\n",
  "*\n!.dockerignore\n",
  "**/sub\n!**/deep\n",
  "dir/**\n!dir/sub/deep/**\ndir/sub/deep/.env\n",
  "src/**/*_test.ts\n!src/lib/\nsrc/l*\n",
  "link\n!dir/link\n",
  "foo*\n!foobar/baz\nfoo/b[a-z]r\n",
];

/** Patterns of the pieces that matter, for what nobody thought of. */
const pattern = fc.tuple(
  fc.constantFrom("", "", "!", "/", "!/"),
  fc.array(
    fc.constantFrom("*", "**", "dir", "sub", "deep", "a.txt", "*.txt", "?oo", "s*", "lib", "node_modules", ".."),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  fc.constantFrom("", "", "/"),
).map(([front, parts, end]) => front + parts.join("/") + end);
const generated = fc.sample(fc.array(pattern, { minLength: 1, maxLength: 5 }), { numRuns: 10, seed: 7 })
  .map((patterns) => `${patterns.join("\n")}\n`);

const dockerfile = (base: string) => `FROM ${base}\nCOPY . /context/\nRUN find /context | sort; echo end\n`;

/** What the docker command's classic build prints; undefined when it fails. */
const dockerBuild = (cwd: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const env = { ...process.env, DOCKER_BUILDKIT: "0" };
    execFile("docker", ["build", "--no-cache", "--force-rm", "."], { cwd, env }, (error, stdout) => {
      resolve(error === null ? stdout : undefined);
    });
  });

/** The lines that `find` printed. */
const foundIn = (output: string): string[] => output.split("\n").filter((line) => line.startsWith("/context"));

test("a .dockerignore means what it means to docker build", async () => {
  await using engine = await Engine.open();
  if (spawnSync("docker", ["--version"]).status !== 0) skip("There is no docker command");
  const base = await engine.busybox("ignore");
  const folder = mkdtempSync(join(tmpdir(), "flowctl-ignore-"));
  try {
    for (const file of FILES) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), file);
    }
    mkdirSync(join(folder, "empty"));
    symlinkSync("/etc/passwd", join(folder, "link"));
    symlinkSync("../a.txt", join(folder, "dir/link"));
    writeFileSync(join(folder, "Dockerfile"), dockerfile(base));
    for (const text of [...SETS, ...generated]) {
      writeFileSync(join(folder, ".dockerignore"), text);
      const building = dockerBuild(folder);
      const printed: string[] = [];
      const { ignore } = await readDockerignore(folder);
      const sent = ignore.keeping(".dockerignore").keeping("Dockerfile");
      const entries = async function* () {
        for await (const entry of walkFolder(folder, sent)) yield tarEntryOf(entry);
      };
      const ours = runBuild({
        docker: engine.docker,
        context: tarOf(entries()),
        name: "ignore",
        options: { nocache: true },
        print: (line) => printed.push(line),
      });
      const [theirs, own] = await Promise.all([building, ours.catch(() => undefined)]);
      // Where nothing is left to copy both fail.
      assert.equal(own !== undefined, theirs !== undefined, JSON.stringify(text));
      if (own === undefined || theirs === undefined) continue;
      await removeMade(engine.docker, own.made);
      const expected = foundIn(theirs);
      assert.ok(expected.length > 0, theirs);
      assert.deepEqual(foundIn(printed.join("\n")), expected, JSON.stringify(text));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
