import assert from "node:assert/strict";
import { stoppedBy } from "../../../src/cli/exit.ts";
import { test } from "../../testing/test.ts";
import { aDeployment, aFlowRun, aLog, cli, fakeApi, idOf } from "../support.ts";

const registered = (over = {}) => fakeApi({ deployments: [aDeployment({ name: "registered" })], ...over });
const WATCH = ["run", "-n", "my-flow", "--watch"];

/** Ctrl-C in the first wait of a watch, and what is answered to the question. */
function interrupted(stdin: string, terminal: boolean) {
  const controller = new AbortController();
  const run = aFlowRun("SCHEDULED");
  const wait = () => {
    controller.abort(stoppedBy("SIGINT"));
    return run;
  };
  const api = registered({ runs: [run], waits: [wait] });
  return { api, done: cli(WATCH, { api, stdin, terminal, signal: controller.signal }) };
}

test("Ctrl-C while watching asks whether to cancel, and yes is the default", async () => {
  for (const answer of ["", "y", "yes"]) {
    const { api, done } = interrupted(`${answer}\n`, true);
    const { code, stderr } = await done;
    assert.equal(code, 130);
    assert.match(stderr, /Cancel flow run 'heavy-parakeet'\? \[Y\/n\] Cancelled flow run 'heavy-parakeet'\n/);
    assert.equal(api.calls.at(-1), `set state of ${idOf(3)}`);
    assert.equal((api.bodies.at(-1) as { type: string }).type, "CANCELLING");
  }
});

test("a no, and nobody who could be asked, leave the run alone", async () => {
  const no = interrupted("n\n", true);
  assert.match((await no.done).stderr, /Flow run 'heavy-parakeet' goes on/);
  const nobody = interrupted("", false);
  const { stderr } = await nobody.done;
  assert.match(stderr, /Stopped watching: flow run 'heavy-parakeet' goes on/);
  assert.doesNotMatch(stderr, /\?/);
  for (const { api } of [no, nobody]) assert.deepEqual(api.calls, [`create run of ${idOf(2)}`]);
});

test("a watched run ends with its fate, and states are told beside the logs", async () => {
  const ends = async (type: "COMPLETED" | "FAILED" | "CRASHED" | "CANCELLED", ...args: string[]) => {
    const api = registered({ waits: [() => aFlowRun("RUNNING"), () => aFlowRun(type)], logs: [aLog(1, "one\ntwo")] });
    return await cli([...WATCH, ...args], { api });
  };
  const good = await ends("COMPLETED");
  assert.equal(good.code, 0);
  assert.match(good.stdout, /\| INFO {4}\| one\n {4}two\n[^]*Entered state <Completed>[^]*Flow run succeeded!\n$/);
  assert.match((await ends("FAILED")).stdout, /Flow run failed!\n$/);
  assert.match((await ends("CRASHED")).stdout, /Flow run failed!\n$/);
  const cancelled = await ends("CANCELLED", "--no-logs");
  assert.equal(cancelled.code, 1);
  assert.match(cancelled.stdout, /Flow run ended: Cancelled\n$/);
  assert.doesNotMatch(cancelled.stdout, /\| one/);
  assert.equal((await ends("FAILED", "--quiet")).stdout, `${idOf(3)}\n`);
});

test("data goes to stdout and everything else to stderr when data is asked for", async () => {
  const { stdout, stderr } = await cli(["run", "-n", "my-flow", "-o", "json"], { api: registered() });
  assert.equal(JSON.parse(stdout).id, idOf(3));
  assert.match(stderr, /Looking up flow metadata\.\.\. Done\n/);
});
