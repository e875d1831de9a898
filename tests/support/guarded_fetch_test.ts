import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import { isFlowctlError } from "../../src/support/errors.ts";
import { fetchText, isLocalAddress } from "../../src/support/guarded_fetch.ts";
import { test } from "../testing/test.ts";

test("loopback, link-local and unspecified addresses are local, in every spelling", () => {
  const local = [
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "169.254.169.254",
    "::1",
    "[::1]",
    "::",
    "fe80::1",
    "fe80::1%eth0",
  ];
  local.push("::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1");
  for (const address of local) assert.equal(isLocalAddress(address), true, address);
  for (const address of ["93.184.216.34", "10.0.0.1", "2001:db8::1", "::ffff:8.8.8.8", "localhost"]) {
    assert.equal(isLocalAddress(address), false, address);
  }
});

async function serving(answers: Record<string, (response: ServerResponse) => void>) {
  const server = createServer((request, response) =>
    (answers[request.url!] ?? ((r) => r.writeHead(404).end()))(response)
  );
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port))
  );
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
const to = (location: string) => (response: ServerResponse) => void response.writeHead(302, { location }).end();
const read = (url: string, more = {}) => fetchText(url, { maxBytes: 100, env: {}, ...more });
const fails = (url: string, code: string, pattern: RegExp, more = {}) =>
  assert.rejects(read(url, more), (error) => {
    assert(isFlowctlError(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, pattern);
    return true;
  });

test("the address itself may be this machine's, a redirect to it may not, by address or by name", async () => {
  using server = await serving({
    "/text": (response) => void response.end("flows"),
    "/here": to("/text"),
    "/metadata": to("http://169.254.169.254/latest"),
    "/decimal": to("http://2130706433/"),
    "/mapped": to("http://[::ffff:127.0.0.1]/"),
    "/name": to("http://inside.example/"),
    "/file": to("file:///etc/passwd"),
    "/large": (response) => void response.end("x".repeat(101)),
  });
  assert.equal(await read(`${server.url}/text`), "flows");
  for (const path of ["here", "metadata", "decimal", "mapped"]) {
    await fails(
      `${server.url}/${path}`,
      "forbidden",
      /it redirects to ".*", an address of this machine or of its network/,
    );
  }
  const lookup = () => Promise.resolve([{ address: "93.184.216.34" }, { address: "127.0.0.1" }]);
  await fails(`${server.url}/name`, "forbidden", /it redirects to "http:\/\/inside\.example\/"/, { lookup });
  await fails(`${server.url}/file`, "forbidden", /which is no web address/);
  await fails(`${server.url}/nothing`, "not_found", /the server answers 404/);
  await fails(`${server.url}/large`, "too_large", /more than 100 bytes/);
});

test("what does not answer is said, without the password in the address", async () => {
  let url: string;
  {
    using server = await serving({});
    url = server.url;
  }
  await fails(url.replace("//", "//me:secret@"), "unavailable", /Cannot read "http:\/\/\*\*\*@127/);
});
