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
import { elf } from "../testing/elf.ts";
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
  const shelf = (version: string) => shelfPath(home, version, "linux-x64");
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  };
  for (const path of [shelf("0.1.0"), shelf("0.4.0"), `${home}/own`]) put(path, bytes);
  put(shelf("0.3.0"), "no executable");
  put(`${shelf("0.4.0")}.libraries.tar`, "an archive");
  put(shelf("0.5.0"), elf());
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

test("what a binary needs comes as an archive, from beside it or from this host", async () => {
  await offering(async ({ send, client }) => {
    const { content, sha256: said } = (await client.binaries.libraries("0.4.0", "linux-x64"))!;
    assert.equal(new TextDecoder().decode(content), "an archive");
    assert.equal(said, createHash("sha256").update("an archive").digest("hex"));
    const answer = await send("GET", "/api/binaries/0.4.0/linux-x64/libraries");
    assert.equal(answer.headers.get("content-type"), "application/x-tar");
    const again = await send("GET", "/api/binaries/0.4.0/linux-x64/libraries", undefined, {
      "if-none-match": answer.headers.get("etag")!,
    });
    assert.equal(again.status, 304);
    // A static executable needs certificates at most.
    assert.ok((await client.binaries.libraries("0.1.0", "linux-x64"))!.content.length >= 1024);
  });
});

test("libraries that the server's host lacks are not found, and neither are those of binaries that it has not", async () => {
  await offering(async ({ send, client }) => {
    assert.equal(await client.binaries.libraries("0.5.0", "linux-x64"), undefined);
    assert.match((await send("GET", "/api/binaries/0.5.0/linux-x64/libraries")).text, /this host has no amd64 library/);
    assert.equal(await client.binaries.libraries("0.2.0", "linux-x64"), undefined);
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
