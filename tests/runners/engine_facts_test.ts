import assert from "node:assert/strict";
import { AgentEngine } from "../../src/domain/agents.ts";
import { engineFacts } from "../../src/runners/engine_facts.ts";
import { test } from "../testing/test.ts";

test("what an engine says of itself is told, without the password of its address, and what it does not say is left out", () => {
  const facts = engineFacts({
    Name: "box",
    ServerVersion: "20.10.24",
    OSType: "linux",
    OperatingSystem: "Debian",
    Architecture: "x86_64",
    NCPU: 2,
    MemTotal: 2 ** 33,
  }, "https://me:secret@box:2376");
  assert.deepEqual(facts, {
    name: "box",
    version: "20.10.24",
    os: "Debian",
    arch: "x86_64",
    address: "https://me@box:2376",
    cpus: 2,
    memory: 2 ** 33,
  });
  const bare = engineFacts({ OSType: "linux", NCPU: 0 }, "ssh://me@box");
  assert.deepEqual([bare.name, bare.os, bare.cpus, bare.address], ["", "linux", undefined, "ssh://me@box"]);
  assert.ok(AgentEngine.safeParse(JSON.parse(JSON.stringify(bare))).success);
});
