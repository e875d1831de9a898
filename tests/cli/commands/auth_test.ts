/** `flowctl auth …` against a real API in this process. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessLines } from "../../../src/cli/access_lines.ts";
import { createClient } from "../../../src/client/client.ts";
import { FlowctlError } from "../../../src/support/errors.ts";
import { startTestServer, type TestServer } from "../../testing/test_server.ts";
import { test } from "../../testing/test.ts";
import { cli, type CliOptions } from "../support.ts";

/** A home, and a server at an address that wants tokens. */
async function stage(
  body: (stage: {
    server: TestServer;
    home: string;
    run: (args: string[], options?: CliOptions) => ReturnType<typeof cli>;
    profile: () => Record<string, string>;
  }) => Promise<void>,
): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "flowctl-auth-"));
  await using server = await startTestServer();
  const run = (args: string[], options: CliOptions = {}) =>
    cli(args, {
      ...options,
      env: { FLOWCTL_HOME: home, ...options.env },
      parts: {
        connect: ({ env }) => {
          const isRemote = env.FLOWCTL_API_URL !== undefined;
          const fetch = (url: string, init?: RequestInit) =>
            server.api.fetch(new Request(url, init), { address: isRemote ? "192.0.2.7" : "127.0.0.1" });
          const address = env.FLOWCTL_API_URL ?? "http://127.0.0.1:4200";
          const client = createClient({ url: "http://localhost/api", fetch, apiKey: env.FLOWCTL_API_KEY, tries: 1 });
          return Promise.resolve({ client, fetch, mode: "server", address, close: () => Promise.resolve() });
        },
        ...options.parts,
      },
    });
  const profile = () => JSON.parse(readFileSync(join(home, "profiles.json"), "utf8")).profiles.default;
  try {
    await body({ server, home, run, profile });
  } finally {
    rmSync(home, { recursive: true });
  }
}

test("a token is made with a scope and a name, and printed alone for scripts", () =>
  stage(async ({ server, run }) => {
    const made = await run(["auth", "create-token", "-n", "one", "-s", "runner"]);
    assert.match(
      made.stdout,
      /^Created token 'one' with scope RUNNER\. It is shown only this once:\n\n {4}fct_[\w-]{43}\n/,
    );
    const alone = await run(["auth", "create-token", "-n", "two", "--days", "2", "-o", "name"]);
    assert.match(alone.stdout, /^fct_[\w-]{43}\n$/);
    const [two, one] = await server.client.tokens.list();
    assert.deepEqual([one.scope, one.expires, two.scope], ["RUNNER", null, "USER"]);
    assert.equal(two.expires?.slice(0, 10), "2026-11-23");
    assert.match(
      (await run(["auth", "list-tokens"])).stdout,
      /two +USER .*never +good until 2026-11-23\none +RUNNER .*good\n/,
    );
  }));

test("a token is revoked by name and by id, and what no token has is told", () =>
  stage(async ({ server, run }) => {
    const ids = [];
    for (const name of ["a", "b"]) ids.push((await server.client.tokens.create({ name })).id);
    assert.equal((await run(["auth", "revoke-token", "a"])).stdout, "Revoked token 'a'\n");
    assert.equal((await run(["auth", "revoke-token", "--id", ids[1]])).stdout, "Revoked token 'b'\n");
    assert.equal((await run(["auth", "revoke-token", "a"])).code, 3);
    assert.equal((await run(["auth", "revoke-token"])).code, 2);
    assert.equal((await run(["auth", "list-tokens"])).stdout, "");
    assert.equal((await run(["auth", "list-tokens", "--all", "-o", "name"])).stdout, "b\na\n");
  }));

for (
  const [how, args, stdin] of [["as an option", ["-k"], ""], ["by its older name", ["-t"], ""], [
    "on standard input",
    [],
    "x",
  ]] as const
) {
  test(`login takes the token ${how}, checks it, keeps it with the address, and never prints it`, () =>
    stage(async ({ server, run, profile }) => {
      const { token } = await server.client.tokens.create({ name: "laptop", scope: "USER" });
      const given = stdin === "" ? { args: [...args, token] } : { args: [], stdin: `${token}\n` };
      const { code, stdout, stderr } = await run(
        ["auth", "login", "--api", "https://flows.example", ...given.args],
        given,
      );
      assert.equal(code, 0, stderr);
      assert.equal(
        stdout,
        "Logged in to https://flows.example/api with token 'laptop' of scope USER\nStored in profile 'default'\n",
      );
      assert.ok(!stderr.includes(token));
      assert.deepEqual(profile(), { FLOWCTL_API_URL: "https://flows.example/api", FLOWCTL_API_KEY: token });
      assert.match((await run(["auth", "logout"])).stdout, /^Logged out of https:\/\/flows\.example\/api/);
      assert.deepEqual(profile(), {});
      assert.match((await run(["auth", "logout"])).stdout, /^Not logged in/);
    }));
}

test("a token that the server does not take, none, and no address are refused and nothing is kept", () =>
  stage(async ({ run, home }) => {
    const wrong = await run(["auth", "login", "--api", "https://flows.example", "-k", "fct_wrong"]);
    assert.deepEqual([wrong.code, /does not know it/.test(wrong.stderr)], [6, true]);
    assert.equal((await run(["auth", "login", "--api", "https://flows.example"], { stdin: "\n" })).code, 2);
    assert.equal((await run(["auth", "login", "-k", "fct_x"])).code, 2);
    assert.equal((await run(["auth", "login", "--api", "nowhere", "-k", "fct_x"])).code, 2);
    assert.throws(() => readFileSync(join(home, "profiles.json")));
  }));

test("status says which API is used, as whom, and where the token is from", () =>
  stage(async ({ server, run }) => {
    const { token } = await server.client.tokens.create({ name: "ci", scope: "RUNNER" });
    const local = await run(["auth", "status"]);
    assert.match(
      local.stdout,
      /API: +http:\/\/127\.0\.0\.1:4200\nKnown as: +this machine, which is trusted\nScope: +ADMIN/,
    );
    const env = { FLOWCTL_API_URL: "https://flows.example/api", FLOWCTL_API_KEY: token };
    const remote = await run(["auth", "status", "-o", "json"], { env });
    const { api, kind, name, scope, token_of } = JSON.parse(remote.stdout);
    assert.deepEqual([api, kind, name, scope, token_of], [
      env.FLOWCTL_API_URL,
      "token",
      "ci",
      "RUNNER",
      "FLOWCTL_API_KEY",
    ]);
    assert.ok(!remote.stdout.includes(token));
  }));

test("a server says at its start who is trusted, and shows its secrets only where there are some", () => {
  const quiet = accessLines({ isExposed: false, isLoopbackTrusted: true }, "127.0.0.1");
  assert.equal(quiet.length, 1);
  assert.match(quiet[0], /^Requests from this machine are trusted/);
  const all = {
    isExposed: true,
    isLoopbackTrusted: false,
    firstToken: "fct_x",
    signInUrl: "http://127.0.0.1:1/sign-in?code=y",
  };
  const lines = accessLines(all, "0.0.0.0").join("\n");
  for (
    const part of [/^Every request needs a token/, /Listening on 0\.0\.0\.0 without encryption/, /fct_x/, /code=y/]
  ) {
    assert.match(lines, part);
  }
});

test("an error of the server keeps its code", () =>
  stage(async ({ run }) => {
    const parts = { connect: () => Promise.reject(new FlowctlError("unavailable", "Cannot reach the API")) };
    assert.equal((await run(["auth", "status"], { parts })).code, 4);
  }));
