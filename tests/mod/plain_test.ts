import assert from "node:assert/strict";
import { connect } from "../../src/server/connect.ts";
import { silentLog } from "../../src/support/log.ts";
import { isBun } from "../../src/support/runtime.ts";
import { testFolder } from "../testing/files.ts";
import { PROJECT, runScript } from "../testing/program.ts";
import { test } from "../testing/test.ts";

test("a flow called in a plain file is kept in the home's database, and the process ends by itself", async () => {
  using folder = testFolder({
    "flow.ts": 'import { flow, task } from "flowctl";\n' +
      'const say = task("say", (word: string) => console.log(word));\n' +
      'await flow("plain", async () => await say("hello"))();\n',
  });
  const home = `${folder.path}/home`;
  const env = { FLOWCTL_HOME: home, FLOWCTL_API_URL: "", FLOWCTL_ORION_HOST: "" };
  // Deno runs the file itself with the import map; Bun knows "flowctl" through the program only.
  const [script, args] = isBun ? [`${PROJECT}main.ts`, [`${folder.path}/flow.ts`]] : [`${folder.path}/flow.ts`, []];
  const ended = await runScript(script, args, { cwd: folder.path, env });
  assert.equal(ended.stderr, "");
  assert.equal(ended.code, 0);
  assert.match(ended.stdout, /INFO - flowctl\.say \| hello\n/);
  const connection = await connect({ settings: { home }, log: silentLog });
  try {
    const [run] = await connection.client.flowRuns.list();
    assert.equal(run.state_name, "Completed");
    const logs = await connection.client.logs.list({ logs: { flow_run_id: { any_: [run.id] } } });
    assert(logs.some((log) => log.message === "hello"));
  } finally {
    await connection.close();
  }
});
