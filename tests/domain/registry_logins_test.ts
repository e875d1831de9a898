import assert from "node:assert/strict";
import { registryHost } from "../../src/domain/registry_logins.ts";
import { test } from "../testing/test.ts";

for (
  const [text, host] of [
    ["ghcr.io", "ghcr.io"],
    ["GHCR.io/", "ghcr.io"],
    ["https://ghcr.io/v2/", "ghcr.io"],
    ["127.0.0.1:5000", "127.0.0.1:5000"],
    ["[::1]:5000", "[::1]:5000"],
    ["localhost", "localhost"],
    ["https://index.docker.io/v1/", "docker.io"],
    ["registry-1.docker.io", "docker.io"],
    ["docker.io", "docker.io"],
    ["", undefined],
    ["a b", undefined],
    ["user@host", undefined],
    ["host:port", undefined],
    ["-x", undefined],
  ] as const
) {
  test(`the registry "${text}" is stored as ${host ?? "nothing: it is no host"}`, () => {
    assert.equal(registryHost(text), host);
  });
}
