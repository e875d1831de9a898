/**
 * A program for Windows: listens on a named pipe and leads each connection to a TCP port of this machine. Docker Desktop's pipe is
 * played with it under Wine, whose sockets are the host's.
 *
 * Arguments: the pipe's path, the port. It prints `listening` when it is there.
 *
 * @module
 */

import net from "node:net";
import process from "node:process";

const [pipe, port] = process.argv.slice(2);

// Not `node:http`: a server of that on a pipe does not work under Wine.
const server = net.createServer((client) => {
  const engine = net.connect(Number(port), "127.0.0.1");
  client.pipe(engine).pipe(client);
  const end = () => {
    client.destroy();
    engine.destroy();
  };
  for (const side of [client, engine]) side.on("error", end).on("close", end);
});
server.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen(pipe, () => console.log("listening"));
