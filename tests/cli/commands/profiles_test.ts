/** `backend`, `config` and `profile`, on homes of their own. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "../../testing/test.ts";
import { cli, type CliOptions } from "../support.ts";

/** A home that does not exist yet, and commands on it. */
function aHome() {
  const folder = mkdtempSync(join(tmpdir(), "flowctl-test-"));
  const home = join(folder, "home");
  return {
    home,
    run: (line: string, { env, ...options }: CliOptions = {}) =>
      cli(line.split(" "), { ...options, env: { FLOWCTL_HOME: home, ...env } }),
    async ok(line: string, options: CliOptions = {}) {
      const { code, stdout, stderr } = await this.run(line, options);
      assert.equal(code, 0, stderr);
      return stdout;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

test("the backend of a fresh home is ephemeral; the one that is chosen is kept", async () => {
  using at = aHome();
  assert.deepEqual(JSON.parse(await at.ok("backend -o json")), {
    backend: "ephemeral",
    from: "default",
    api_url: null,
  });
  assert.equal(await at.ok("backend server"), "Backend switched to server\n");
  assert.equal(
    await at.ok("backend"),
    "Backend: server\nSaid by: profile default\nAPI:     http://127.0.0.1:4200/api\n",
  );
  assert.equal(await at.ok("backend ephemeral"), "Backend switched to ephemeral\n");
  assert.equal(await at.ok("backend -o name"), "ephemeral\n");
});

test("trap 21: an unknown backend is refused and changes nothing", async () => {
  using at = aHome();
  await at.ok("backend server");
  const { code, stderr } = await at.run("backend clown");
  assert.equal(code, 2);
  assert.equal(stderr, 'Error: Cannot switch to backend "clown": it is not one of server, cloud, ephemeral\n');
  assert.equal(await at.ok("backend -o name"), "server\n");
});

test("cloud says how to store a server, and uses the one that is stored", async () => {
  using at = aHome();
  assert.match((await at.run("backend cloud")).stderr, /flowctl auth login --api URL --key KEY/);
  await at.ok("config set FLOWCTL_API_URL=https://flow.example FLOWCTL_API_KEY=s3cret");
  assert.equal((await at.run("backend cloud")).stderr, "");
  assert.deepEqual(JSON.parse(await at.ok("backend -o json")), {
    backend: "cloud",
    from: "profile default",
    api_url: "https://flow.example/api",
  });
});

test("what the environment says is told, for it goes before", async () => {
  using at = aHome();
  const env = { FLOWCTL_API_URL: "http://127.0.0.1:4242/api" };
  assert.match((await at.run("backend server", { env })).stderr, /^FLOWCTL_API_URL is set in the environment/);
  const shown = JSON.parse(await at.ok("backend -o json", { env }));
  assert.equal(shown.api_url, env.FLOWCTL_API_URL);
  assert.match(shown.from, /FLOWCTL_API_URL in the environment goes before it$/);
});

test("the server of this home is what backend server means, wherever it listens", async () => {
  using at = aHome();
  await at.ok("backend server");
  const parts = { findServer: () => Promise.resolve("http://127.0.0.1:4300") };
  assert.equal(JSON.parse(await at.ok("backend -o json", { parts })).api_url, "http://127.0.0.1:4300/api");
});

test("config view lists every setting with where it was said, and masks what is secret", async () => {
  using at = aHome();
  await at.ok(
    "config set FLOWCTL_API_URL=https://ada:pass@flow.example FLOWCTL_API_KEY=s3cret FLOWCTL_LOG_LEVEL=debug",
  );
  const env = { FLOWCTL_LOG_LEVEL: "ERROR" };
  const rows = JSON.parse(await at.ok("config view -o json", { env })) as {
    name: string;
    value: string;
    from: string;
  }[];
  const of = (name: string) => rows.find((row) => row.name === name);
  assert.deepEqual(of("FLOWCTL_API_KEY"), { name: "FLOWCTL_API_KEY", value: "********", from: "profile" });
  assert.equal(of("FLOWCTL_API_URL")?.value, "https://ada:********@flow.example");
  assert.deepEqual(of("FLOWCTL_LOG_LEVEL"), { name: "FLOWCTL_LOG_LEVEL", value: "ERROR", from: "environment" });
  assert.equal(of("FLOWCTL_KEEP_CONTAINERS")?.from, "default");
  for (const line of ["config view", "config view -o yaml", "profile inspect", "profile inspect -o json"]) {
    const shown = await at.ok(line);
    assert.doesNotMatch(shown, /s3cret|pass@/, line);
    assert.match(shown, /\*\*\*\*\*\*\*\*/, line);
  }
  const said = JSON.parse(await at.ok("config view --no-defaults -o json")) as { name: string }[];
  assert.deepEqual(said.map((row) => row.name), [
    "FLOWCTL_HOME",
    "FLOWCTL_API_URL",
    "FLOWCTL_API_KEY",
    "FLOWCTL_LOG_LEVEL",
  ]);
});

test("a wrong value is refused before anything is written; a secret one is not repeated", async () => {
  using at = aHome();
  const wrong = await at.run("config set FLOWCTL_KEEP_CONTAINERS=7 FLOWCTL_LOG_LEVEL=LOUD");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /Cannot use FLOWCTL_LOG_LEVEL "LOUD"/);
  assert.equal(await at.ok("config view --no-defaults -o name"), "FLOWCTL_HOME\n");
  for (const pair of ["FLOWCTL_API_KEY=sécret", "sécret"]) {
    const { code, stderr } = await at.run(`config set ${pair}`);
    assert.equal(code, 2);
    assert.doesNotMatch(stderr, /cret/);
  }
});

test("what is unset is gone, and unsetting what nobody set is said", async () => {
  using at = aHome();
  await at.ok("config set FLOWCTL_LOG_LEVEL=DEBUG");
  assert.equal(await at.ok("config unset FLOWCTL_LOG_LEVEL"), "Removed FLOWCTL_LOG_LEVEL from profile 'default'\n");
  const { code, stderr } = await at.run("config unset FLOWCTL_LOG_LEVEL");
  assert.equal(code, 3);
  assert.match(stderr, /profile "default" does not hold it/);
});

test("profiles are created, chosen, copied and deleted", async () => {
  using at = aHome();
  await at.ok("config set FLOWCTL_LOG_LEVEL=DEBUG");
  await at.ok("profile create work --from default");
  assert.equal((await at.run("profile create work")).code, 5);
  assert.equal((await at.run("profile create a/b")).code, 2);
  assert.equal((await at.run("profile create x --from nobody")).code, 3);
  await at.ok("profile use work");
  await at.ok("backend server");
  assert.deepEqual(JSON.parse(await at.ok("profile ls -o json")), [
    { name: "default", in_use: false, settings: ["FLOWCTL_LOG_LEVEL"] },
    { name: "work", in_use: true, settings: ["FLOWCTL_LOG_LEVEL", "FLOWCTL_BACKEND"] },
  ]);
  assert.equal(await at.ok("backend -o name", { env: { FLOWCTL_PROFILE: "default" } }), "ephemeral\n");
  assert.equal((await at.run("profile use nobody")).code, 3);
  assert.equal((await at.run("profile delete work")).code, 2, "nobody can be asked");
  assert.equal(await at.ok("profile delete work --yes"), "Deleted profile 'work'\n");
  assert.equal(await at.ok("profile inspect -o name"), "default\n");
  assert.equal((await at.run("profile delete default --yes")).code, 5);
});

test("a damaged file of profiles is named in one sentence, and the version is shown all the same", async () => {
  using at = aHome();
  await at.ok("backend server");
  writeFileSync(join(at.home, "profiles.json"), "{");
  const { code, stderr } = await at.run("config view");
  assert.equal(code, 2);
  assert.match(stderr, /^Error: Cannot read profiles ".*profiles\.json": they are damaged\nHint: /);
  assert.match(await at.ok("version"), /^Version:/);
});
