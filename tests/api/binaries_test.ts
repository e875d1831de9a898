/**
 * The route by which agents get a Linux binary of flowctl.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { binaryOffer, shelfPath } from "../../src/images/binaries.ts";
import { readAll } from "../../src/support/streams.ts";
import { tinyElf } from "../agent/agent_api.ts";
import { testFolder } from "../testing/files.ts";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const PATH = "/api/binaries/0.1.0/linux-x64";
const bytes = tinyElf();
const sha256 = createHash("sha256").update(bytes).digest("hex");

/** A server that is flowctl 9.9.9 and keeps 0.1.0. */
async function offering(act: (server: TestServer) => Promise<void>): Promise<void> {
  using folder = testFolder();
  const home = folder.path;
  for (const path of [shelfPath(home, "0.1.0", "linux-x64"), shelfPath(home, "0.3.0", "linux-x64"), `${home}/own`]) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, path.includes("0.3.0") ? "no executable" : bytes);
  }
  await using server = await startTestServer({
    binaries: binaryOffer({ home, version: "9.9.9", own: `${home}/own` }),
  });
  await act(server);
}

test("a binary comes with its hash, and is not sent to who has it", async () => {
  await offering(async ({ send, client }) => {
    const { content, sha256: said } = await client.binaries.read("0.1.0", "linux-x64");
    assert.deepEqual(await readAll(content), bytes);
    assert.equal(said, sha256);
    const answer = await send("GET", PATH);
    assert.equal(answer.headers.get("etag"), `"${sha256}"`);
    assert.equal(answer.headers.get("content-length"), String(bytes.length));
    assert.equal(answer.headers.get("content-type"), "application/octet-stream");
    for (const known of [`"${sha256}"`, `"other", W/"${sha256}"`, "*"]) {
      const again = await send("GET", PATH, undefined, { "if-none-match": known });
      assert.deepEqual([again.status, again.text], [304, ""]);
    }
    assert.equal((await send("GET", PATH, undefined, { "if-none-match": '"other"' })).status, 200);
  });
});

test("the server's own executable is offered under its version", async () => {
  await offering(async ({ client }) => {
    assert.equal(await client.binaries.hash("9.9.9", "linux-x64"), sha256);
    assert.equal(await client.binaries.hash("9.9.9", "linux-arm64"), undefined, "it is for another architecture");
  });
});

for (
  const path of [
    "/api/binaries/0.2.0/linux-x64",
    "/api/binaries/0.3.0/linux-x64",
    "/api/binaries/0.1.0/windows-x64",
    "/api/binaries/..%2F0.1.0/linux-x64",
    "/api/binaries/0.1.0/..%2F..%2Flinux-x64",
    "/api/binaries/0.1.0/%2e%2e",
  ]
) {
  test(`${path} is not found`, async () => {
    await offering(async ({ send }) => assert.equal((await send("GET", path)).status, 404));
  });
}

test("a binary is only read: nothing can be put there", async () => {
  await offering(async ({ send }) => {
    for (const method of ["PUT", "POST", "DELETE"]) assert.equal((await send(method, PATH, "{}")).status, 405, method);
  });
});
