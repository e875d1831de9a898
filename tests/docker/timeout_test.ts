/**
 * Engines that take a connection and say nothing.
 *
 * @module
 */

import assert from "node:assert/strict";
import net, { type AddressInfo } from "node:net";
import { openDocker } from "../../src/docker/client.ts";
import { isEngineUnreachable } from "../../src/docker/errors.ts";
import { test } from "../testing/test.ts";

test("an engine that does not answer in the time that was given counts as unreachable", async () => {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => void sockets.add(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  using docker = await openDocker({ baseUrl: `tcp://127.0.0.1:${port}`, env: {}, timeoutMs: 50 });
  await assert.rejects(docker.info(), (error) => {
    assert.match(String(error), /no Docker Engine answers at "tcp:\/\/127\.0\.0\.1:\d+" \(no answer within 0\.05 s\)/);
    return isEngineUnreachable(error);
  });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});
