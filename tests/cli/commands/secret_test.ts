import assert from "node:assert/strict";
import { testFolder } from "../../testing/files.ts";
import { test } from "../../testing/test.ts";
import { cli, fakeApi } from "../support.ts";

const SET = ["secret", "set", "TOKEN"];

for (
  const [what, text, value] of [
    ["one line end", "sesame\n", "sesame"],
    ["one line end of Windows", "sesame\r\n", "sesame"],
    ["no line end", "sesame", "sesame"],
    ["lines", "a\nb\n\n", "a\nb\n"],
  ] as const
) {
  test(`a value with ${what} is read from standard input and from a file`, async () => {
    using folder = testFolder({ "value.txt": text });
    const api = fakeApi();
    assert.equal((await cli(SET, { api, stdin: text })).code, 0);
    assert.equal((await cli([...SET, "--from-file", "value.txt"], { api, cwd: folder.path })).code, 0);
    assert.deepEqual(api.calls, ["set secret TOKEN", "set secret TOKEN"]);
    assert.deepEqual(api.bodies, [value, value]);
  });
}

test("on a terminal the value is asked for", async () => {
  const api = fakeApi();
  const { code, stderr } = await cli(SET, { api, terminal: true, stdin: "sesame" });
  assert.equal(code, 0);
  assert.match(stderr, /^Value of secret "TOKEN": /);
  assert.deepEqual(api.bodies, ["sesame"]);
});

for (
  const [args, sentence] of [
    [["secret", "set", "a b"], `Cannot set secret "a b": a secret's name has letters, digits, _, . and - only`],
    [SET, 'Cannot use the value of secret "TOKEN": it is empty'],
    [[...SET, "--from-file", "nowhere"], 'Cannot read "/nowhere": there is no such file'],
    [[...SET, "sesame"], "Too many arguments"],
    [["registry", "login", "a b", "-u", "me"], 'Cannot log in to "a b": it is no host'],
    [["registry", "login", "ghcr.io"], "Required option '-u, --username <name>' not specified"],
    [["secret", "delete", "TOKEN"], `Cannot ask "Delete secret 'TOKEN'?": there is no terminal`],
  ] as const
) {
  test(`flowctl ${args.join(" ")}: ${sentence}`, async () => {
    const api = fakeApi();
    const { code, stderr } = await cli([...args], { api });
    assert.notEqual(code, 0);
    assert.ok(stderr.startsWith(`Error: ${sentence}`), stderr);
    assert.deepEqual(api.calls, []);
  });
}

test("a file that is no text is refused", async () => {
  using folder = testFolder();
  const { writeFileSync } = await import("node:fs");
  writeFileSync(`${folder.path}/key`, Uint8Array.of(0xff, 0xfe));
  const { stderr } = await cli([...SET, "--from-file", "key"], { cwd: folder.path });
  assert.match(stderr, /it is not text in UTF-8\nHint: Write it as base64 first/);
});

test("a login for a registry is stored under the registry's own name", async () => {
  const api = fakeApi();
  const { stdout } = await cli(["registry", "login", "https://GHCR.io/", "-u", "me"], { api, stdin: "sesame\n" });
  assert.equal(stdout, "Stored the login for registry 'ghcr.io'\n");
  assert.deepEqual(api.calls, ["set login ghcr.io"]);
  assert.deepEqual(api.bodies, [{ username: "me", password: "sesame" }]);
});
