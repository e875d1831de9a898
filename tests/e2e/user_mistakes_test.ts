/**
 * A mistake of the user or the machine is one sentence, non-zero, and never a stack trace.
 *
 * @module
 */

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { test } from "../testing/test.ts";
import { EXAMPLE, type Result, World } from "./support.ts";

function assertOneSentence(result: Result, pattern: RegExp): void {
  const said = result.stderr + result.stdout;
  assert.notEqual(result.code, 0, said);
  assert.match(said, pattern);
  assert.doesNotMatch(said, /^\s+at .*[:(]\d+/m, `a stack trace was shown:\n${said}`);
  assert.ok(said.trim().split("\n").length <= 6, `more than a sentence:\n${said}`);
}

for (
  const { what, text, says } of [
    { what: "a syntax error", text: `import { flow } from "flowctl";\nconst x = = 1;\n`, says: /flow\.ts:2/ },
    { what: "no deployment", text: `import { flow } from "flowctl";\nflow("f", () => 1);\n`, says: /no deployment/i },
    {
      what: "a missing import",
      text: `import "flowctl";\nimport { a } from "./nowhere.ts";\nconsole.log(a);\n`,
      says: /nowhere\.ts.*flow\.ts:2|flow\.ts:2.*nowhere\.ts/s,
    },
    {
      what: "a missing package",
      text: `import leftPad from "no-such-package-here";\nconsole.log(leftPad);\n`,
      says: /no-such-package-here.*flow\.ts:1|flow\.ts:1.*no-such-package-here/s,
    },
    { what: "a missing export", text: `import { flou } from "flowctl";\nconsole.log(flou);\n`, says: /flou/ },
    {
      what: "an error while loading",
      text: `import "flowctl";\n\nthrow new Error("not today");\n`,
      says: /not today.*flow\.ts:3|flow\.ts:3.*not today/s,
    },
    {
      what: "two flows of one name",
      text: `import { flow } from "flowctl";\nflow("same", () => 1);\nflow("same", () => 2);\n`,
      says: /'same'|"same"/,
    },
    {
      what: "a misspelt runner option",
      text: EXAMPLE.replace("new DockerFlowRunner()", "new DockerFlowRunner({ imgae: 'x' } as never)"),
      says: /imgae/,
    },
  ]
) {
  test(`a flow file with ${what} is one sentence`, async () => {
    await using world = new World();
    world.file("flow.ts", text);
    assertOneSentence(await world.run(["deployment", "create", "flow.ts"]), says);
  });
}

test("a file that is not there, and one of an unknown type, are one sentence", async () => {
  await using world = new World();
  world.file("flow.txt", "x");
  assertOneSentence(await world.run(["deployment", "create", "missing.ts"]), /missing\.ts/);
  assertOneSentence(await world.run(["deployment", "create", "flow.txt"]), /flow\.txt|file type/);
});

test("a deployment that nobody has is one sentence with exit code 3", async () => {
  await using world = new World();
  const result = await world.run(["deployment", "run", "no/such"]);
  assertOneSentence(result, /no\/such/);
  assert.equal(result.code, 3);
});

test("an unknown option is a usage error with exit code 2", async () => {
  await using world = new World();
  const result = await world.run(["agent", "start", "--bogus"]);
  assert.equal(result.code, 2);
  assert.match(result.stderr, /--bogus/);
});

test("an address where nobody answers is one sentence with exit code 4", async () => {
  await using world = new World();
  const result = await world.run(["deployment", "ls"], { env: { FLOWCTL_API_URL: "http://127.0.0.1:1/api" } });
  assertOneSentence(result, /127\.0\.0\.1:1/);
  assert.equal(result.code, 4);
});

test("a port in use is one sentence", async () => {
  await using world = new World();
  const taken = createServer();
  const port = await new Promise<number>((resolve) =>
    taken.listen(0, "127.0.0.1", () => resolve((taken.address() as { port: number }).port))
  );
  try {
    assertOneSentence(
      await world.run(["orion", "start", "--no-agent", "--port", String(port)]),
      new RegExp(String(port)),
    );
  } finally {
    await new Promise((resolve) => taken.close(resolve));
  }
});

test("a host that is no address of this machine is refused in one sentence", async () => {
  await using world = new World();
  assertOneSentence(await world.run(["orion", "start", "--host", "203.0.113.9", "--port", "0"]), /203\.0\.113\.9/);
});

test("a second server on one home is refused in one sentence", async () => {
  await using world = new World();
  await world.server(["--no-agent"]);
  assertOneSentence(await world.run(["orion", "start", "--no-agent", "--port", "0"]), /already/);
});

test("a home that is a file, and a database of a newer version, are one sentence", async () => {
  await using world = new World();
  const file = world.file("home-file", "x");
  assertOneSentence(await world.run(["orion", "start", "--port", "0"], { env: { FLOWCTL_HOME: file } }), /home-file/);

  await world.ok(["deployment", "ls"]);
  const names = [...(await import("node:fs")).readdirSync(world.home)].filter((name) => name.endsWith(".db"));
  const db = new DatabaseSync(`${world.home}/${names[0]}`);
  db.exec("PRAGMA user_version = 9999");
  db.close();
  assertOneSentence(await world.run(["deployment", "ls"]), /newer/);
});

test("a home holds nothing that others can read", async () => {
  await using world = new World();
  await world.ok(["deployment", "ls"]);
  const { readdirSync, statSync } = await import("node:fs");
  assert.equal(statSync(world.home).mode & 0o777, 0o700);
  for (const name of readdirSync(world.home)) {
    const { mode } = statSync(`${world.home}/${name}`);
    assert.equal(mode & 0o077, 0, `${name} has mode ${(mode & 0o777).toString(8)}`);
  }
});

test("a .env and a bunfig.toml of the working folder change nothing", async () => {
  await using world = new World();
  mkdirSync(`${world.work}/hostile`);
  writeFileSync(`${world.work}/hostile/.env`, "FLOWCTL_API_URL=http://127.0.0.1:1/api\n");
  writeFileSync(`${world.work}/hostile/bunfig.toml`, `preload = ["./evil.ts"]\n`);
  writeFileSync(`${world.work}/hostile/evil.ts`, `console.log("EVIL");\n`);
  const result = await world.run(["deployment", "ls"], { cwd: `${world.work}/hostile` });
  assert.equal(result.code, 0, result.stderr);
  assert.doesNotMatch(result.stdout + result.stderr, /EVIL/);
  chmodSync(`${world.work}/hostile`, 0o755);
});
