import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { isFlowctlError } from "../../src/support/errors.ts";
import { ensurePrivateDir, flowctlHome, inHome, SOCKET_NAME, socketDir } from "../../src/support/paths.ts";
import { test } from "../testing/test.ts";

test("the home is $FLOWCTL_HOME, else .flowctl in the user's folder", () => {
  assert.equal(flowctlHome({}, "linux", "/home/u", "/w"), "/home/u/.flowctl");
  assert.equal(flowctlHome({ FLOWCTL_HOME: " " }, "linux", "/home/u", "/w"), "/home/u/.flowctl");
  assert.equal(flowctlHome({ FLOWCTL_HOME: "/srv/f" }, "linux", "/home/u", "/w"), "/srv/f");
  assert.equal(flowctlHome({ FLOWCTL_HOME: "~/f" }, "linux", "/home/u", "/w"), "/home/u/f");
  assert.equal(flowctlHome({ FLOWCTL_HOME: "f" }, "linux", "/home/u", "/w"), "/w/f");
  assert.equal(flowctlHome({}, "win32", "C:\\Users\\u", "C:\\w"), "C:\\Users\\u\\.flowctl");
  assert.equal(flowctlHome({ FLOWCTL_HOME: "~\\f" }, "win32", "C:\\Users\\u", "C:\\w"), "C:\\Users\\u\\f");
});

test("paths in the home are written as the platform does", () => {
  assert.equal(inHome("/home/u/.flowctl", "run", "x"), "/home/u/.flowctl/run/x");
  assert.equal(inHome("C:\\Users\\u\\.flowctl", "run", "x"), "C:\\Users\\u\\.flowctl\\run\\x");
});

const id = "01890a5d-ac96-774b-bcce-b302099a8057";
const linux = { platform: "linux", tmpdir: "/tmp", uid: 1000 };

test("a socket's folder lies in the home while its path fits", () => {
  assert.equal(socketDir("/home/u/.flowctl", id, linux), `/home/u/.flowctl/run/${id}`);
});

test("a socket's path never has more than 107 bytes, and stays the same", () => {
  for (let length = 1; length < 200; length++) {
    for (const letter of ["a", "é"]) {
      const dir = socketDir("/" + letter.repeat(length), id, linux);
      const bytes = new TextEncoder().encode(`${dir}/${SOCKET_NAME}`).length;
      assert.ok(bytes <= 107, dir);
      assert.equal(socketDir("/" + letter.repeat(length), id, linux), dir);
    }
  }
  const long = "/" + "a".repeat(150);
  assert.match(socketDir(long, id, linux), /^\/tmp\/flowctl-1000\/[0-9a-f]{16}$/);
  assert.notEqual(socketDir(long, id, linux), socketDir(long + "b", id, linux));
  assert.match(socketDir(long, id, { ...linux, tmpdir: "/" + "t".repeat(120) }), /^\/tmp\/flowctl-1000\//);
  assert.match(socketDir("/" + "a".repeat(55), id, { ...linux, platform: "darwin" }), /^\/tmp\/flowctl-1000\//);
});

if (process.platform !== "win32") {
  test("a private folder is made with mode 0700, and one that others may enter is refused", () => {
    const root = mkdtempSync(join(tmpdir(), "flowctl-paths-"));
    try {
      const made = join(root, "a", "b");
      ensurePrivateDir(made);
      assert.equal(statSync(made).mode & 0o777, 0o700);
      ensurePrivateDir(made);
      const open = join(root, "open");
      mkdirSync(open);
      chmodSync(open, 0o755);
      symlinkSync(made, join(root, "link"));
      for (const path of [open, join(root, "link")]) {
        assert.throws(() => ensurePrivateDir(path), (error) => isFlowctlError(error, "forbidden"), path);
      }
      assert.throws(() => ensurePrivateDir(made, 54_321), (error) => isFlowctlError(error, "forbidden"));
    } finally {
      rmSync(root, { recursive: true });
    }
  });
}
