/**
 * A small program around a user's file, for `plain_file_test.ts`: runs it as the main module with an API in memory, and prints at the
 * end, as one line of JSON, what the API knows then.
 *
 * @module
 */

import process from "node:process";
import { runAsMain } from "../../src/bundles/loader.ts";
import { printLine } from "../../src/sdk/print_line.ts";
import { setClientProvider } from "../../src/sdk/client_provider.ts";
import { messageOf } from "../../src/support/errors.ts";
import { FakeApi } from "../testing/fake_api.ts";
import "./helpers.ts";

const api = new FakeApi();
let closed = 0;
// A handle like that of a server or a pool of connections: while it is open the process does not end.
let handle: ReturnType<typeof setInterval> | undefined;
api.intercept = (_method, path) => path.endsWith("/wait") ? { status: 404, body: { detail: "gone" } } : undefined;
setClientProvider(() => {
  handle = setInterval(() => {}, 1000);
  return Promise.resolve({
    client: api.client,
    close: () => {
      closed++;
      clearInterval(handle);
      return Promise.resolve();
    },
  });
});
process.on("exit", () => {
  const runs = api.flowRuns.map((run) => [run.state_name, run.state.message]);
  printLine(JSON.stringify({ runs, logs: api.messages(), closed }));
});
const [path, ...args] = process.argv.slice(2);
try {
  await runAsMain(path, args);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
