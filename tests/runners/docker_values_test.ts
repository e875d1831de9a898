/**
 * Memory, CPUs and volumes as people write them.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { bindOf, isHostPath, memoryBytes, nanoCpus, parseVolume } from "../../src/runners/docker_values.ts";
import { test } from "../testing/test.ts";

test("memory is bytes, or a number with a unit of 1024", () => {
  assert.equal(memoryBytes(64_000_000), 64_000_000);
  assert.equal(memoryBytes("512m"), 512 * 1024 ** 2);
  assert.equal(memoryBytes("1.5G"), 1.5 * 1024 ** 3);
  assert.equal(memoryBytes("65536 kb"), 64 * 1024 ** 2);
});

test("any amount of memory is read back in any unit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 6, max: 1_000_000 }), fc.constantFrom("m", "M", "mb", "MB", " m"), (n, unit) => {
      assert.equal(memoryBytes(`${n}${unit}`), n * 1024 ** 2);
      assert.equal(memoryBytes(`${n * 1024}k`), memoryBytes(`${n * 1024 ** 2}b`));
    }),
  );
});

test("no text makes memory anything but a whole number of at least 6 MB, or an error with a sentence", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.double(), fc.integer()), (value) => {
    try {
      const bytes = memoryBytes(value);
      assert.ok(Number.isSafeInteger(bytes) && bytes >= 6 * 1024 ** 2);
    } catch (error) {
      assert.match((error as Error).message, /^Cannot use memory /);
    }
  }));
});

test("CPUs are billionths", () => {
  assert.equal(nanoCpus(1.5), 1_500_000_000);
  fc.assert(fc.property(fc.double({ min: 0.01, max: 1024, noNaN: true }), (cpus) => {
    assert.ok(Number.isInteger(nanoCpus(cpus)));
    assert.ok(Math.abs(nanoCpus(cpus) / 1e9 - cpus) < 1e-9);
  }));
  for (const wrong of [0, -1, 0.001, NaN, Infinity]) assert.throws(() => nanoCpus(wrong), /Cannot use cpus/);
});

test("a volume is source, target and options, with drives of Windows understood", () => {
  assert.deepEqual(parseVolume("/a:/b"), { source: "/a", target: "/b", options: "" });
  assert.deepEqual(parseVolume("data:/b:ro"), { source: "data", target: "/b", options: "ro" });
  assert.deepEqual(parseVolume("C:\\data:/b:ro"), { source: "C:\\data", target: "/b", options: "ro" });
  for (const wrong of ["/a", "a:b", ":/b", "/a:", "/a:/b:ro:z"]) {
    assert.throws(() => parseVolume(wrong), /Invalid volume specification: expected format 'path:container_path'/);
  }
  assert.deepEqual(["/a", "./a", "C:\\a", "\\\\.\\pipe\\x", "data"].map(isHostPath), [true, true, true, true, false]);
});

test("what a volume is made of is what is read back", () => {
  const part = fc.stringMatching(/^[a-z0-9_.-]{1,20}$/);
  fc.assert(fc.property(part, part, fc.constantFrom("", "ro", "z"), (source, target, options) => {
    const text = [`/${source}`, `/${target}`, options].filter(Boolean).join(":");
    assert.deepEqual(parseVolume(text), { source: `/${source}`, target: `/${target}`, options });
  }));
});

test("drives of Windows count in targets only where containers are Windows", () => {
  assert.deepEqual(parseVolume("C:\\x:D:\\y:ro", "windows"), { source: "C:\\x", target: "D:\\y", options: "ro" });
  assert.deepEqual(parseVolume("data:C:/y", "windows"), { source: "data", target: "C:/y", options: "" });
  assert.throws(() => parseVolume("data:C:/y"), /Invalid volume specification/);
});

test("unknown options and names that are none are refused with what is wrong", () => {
  assert.equal(parseVolume("/a:/b:rw,z").options, "rw,z");
  assert.throws(() => parseVolume("/a:/b:readonly"), /Cannot use volume "\/a:\/b:readonly": "readonly" is no option/);
  assert.throws(() => parseVolume("/a:/b:"), /"" is no option/);
  assert.throws(() => parseVolume("data/in:/b"), /"data\/in" is neither a path nor the name of a volume/);
});

test("relative paths begin where the agent was started, ~ is its user's home", () => {
  const place = { cwd: "/srv/flows", homedir: "/home/me", platform: "linux" };
  const cases = [
    ["./data:/d", "/srv/flows/data:/d"],
    ["../x:/d:ro", "/srv/x:/d:ro"],
    [".:/d", "/srv/flows:/d"],
    ["~:/d", "/home/me:/d"],
    ["~/a/../b:/d:rw", "/home/me/b:/d:rw"],
    ["data:/d", "data:/d"],
    ["/a:/d", "/a:/d"],
  ];
  for (const [given, expected] of cases) assert.equal(bindOf(given, place), expected);
  const windows = { cwd: "C:\\flows", homedir: "C:\\Users\\me", platform: "win32" };
  assert.equal(bindOf(".\\data:/d", windows), "C:\\flows\\data:/d");
  assert.equal(bindOf("~/data:C:/d:ro", windows, "windows"), "C:\\Users\\me\\data:C:/d:ro");
  assert.equal(bindOf("D:/in/../data:/d:ro", windows), "D:\\data:/d:ro");
  assert.equal(bindOf("\\data:/d", windows), "C:\\data:/d");
  assert.equal(bindOf("\\\\server\\share:/d", windows), "\\\\server\\share:/d");
  assert.equal(bindOf("/data:/d", windows), "/data:/d", "a path of the engine's own machine");
  assert.throws(() => bindOf("~you/x:/d", place), /Cannot use volume "~you\/x:\/d": only "~" itself/);
});
