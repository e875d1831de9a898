import assert from "node:assert/strict";
import { test } from "../../testing/test.ts";
import { aFlowRun, aLog, cli, fakeApi, idOf } from "../support.ts";

const other = aFlowRun("FAILED", { id: "0299c0de-0000-7000-8000-000000000001", name: "quiet-otter" });

test("flow runs are listed with flow, state and a relative time", async () => {
  const api = fakeApi({ runs: [aFlowRun("COMPLETED"), other] });
  assert.deepEqual((await cli(["flow-run", "ls"], { api })).stdout.split("\n"), [
    "ID                                    FLOW     NAME            STATE      WHEN",
    `${idOf(3)}  my-flow  heavy-parakeet  Completed  5 minutes ago`,
    `${other.id}  my-flow  quiet-otter     Failed     5 minutes ago`,
    "",
  ]);
});

test("a terminal gets a table with lines and coloured states, unless NO_COLOR is set", async () => {
  const api = fakeApi({ runs: [aFlowRun("COMPLETED"), other] });
  const { stdout } = await cli(["flow-run", "ls"], { api, terminal: true });
  assert.match(stdout, /│/);
  assert(stdout.includes("\u001b[32mCompleted\u001b[39m") && stdout.includes("\u001b[31mFailed\u001b[39m"));
  const plain = await cli(["flow-run", "ls"], { api, terminal: true, env: { NO_COLOR: "1" } });
  assert(!plain.stdout.includes("\u001b"));
});

test("a run's name can't write to the terminal or break a table", async () => {
  const api = fakeApi({ runs: [aFlowRun("COMPLETED", { name: "a\u001b[2J\nb" })] });
  const { stdout } = await cli(["flow-run", "ls"], { api });
  assert(stdout.includes("  a b  "), stdout);
  assert(!stdout.includes("\u001b"));
});

for (const [text, what] of [[idOf(3), "id"], ["0199", "the beginning of its id"], ["heavy-parakeet", "name"]]) {
  test(`a run is found by ${what}`, async () => {
    const api = fakeApi({ runs: [aFlowRun("COMPLETED"), other] });
    assert.equal((await cli(["flow-run", "inspect", text, "-o", "name"], { api })).stdout, `${idOf(3)}\n`);
  });
}

test("a name or beginning that fits several runs is refused, and their ids are named", async () => {
  const twin = aFlowRun("RUNNING", { id: idOf(4) });
  const api = fakeApi({ runs: [aFlowRun("COMPLETED"), twin] });
  for (const text of ["heavy-parakeet", "0199c0de"]) {
    const { code, stderr } = await cli(["flow-run", "cancel", text], { api });
    assert.equal(code, 5);
    assert(stderr.includes(idOf(3)) && stderr.includes(idOf(4)), stderr);
  }
  assert.deepEqual(api.calls, []);
});

test("an unknown run is exit code 3", async () => {
  for (const text of ["nobody", idOf(99), "ffff"]) {
    const { code, stderr } = await cli(["flow-run", "logs", text]);
    assert.equal(code, 3);
    assert.match(stderr, /^Error: Cannot read the logs of flow run ".*": no flow run has that (name or )?id\nHint: /);
  }
});

test("one run is shown with its message, its flow and exact times", async () => {
  const run = aFlowRun("FAILED", { parameters: { a: 1 }, total_run_time: 63.2 });
  const api = fakeApi({ runs: [{ ...run, state: { ...run.state!, message: "boom\nat flow.ts:3" } }] });
  const { stdout } = await cli(["flow-run", "inspect", "heavy-parakeet"], { api });
  assert.match(stdout, /^State: +Failed\nMessage: +boom\n +at flow.ts:3\nFlow: +my-flow\nDeployment: +example$/m);
  assert.match(stdout, /^Parameters: +{"a":1}$/m);
  assert.match(stdout, /^Run time: +1m3s$/m);
});

const withLogs = (count: number) =>
  fakeApi({ runs: [aFlowRun("COMPLETED")], logs: Array.from({ length: count }, (_, n) => aLog(n)) });

const numbers = (stdout: string) => [...stdout.matchAll(/line (\d+)$/gm)].map(([, n]) => Number(n));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);

for (
  const [options, from, to] of [
    [[], 0, 450],
    [["-n", "3"], 0, 3],
    [["--tail"], 430, 450],
    [["--tail", "-n", "250"], 200, 450],
    [["-f"], 0, 450],
    [["-f", "-n", "5"], 445, 450],
    [["-f", "--tail"], 430, 450],
  ] as const
) {
  test(`"logs ${options.join(" ")}" of 450 lines prints lines ${from} to ${to - 1}, in order`, async () => {
    const { code, stdout } = await cli(["flow-run", "logs", "heavy-parakeet", ...options], { api: withLogs(450) });
    assert.equal(code, 0);
    assert.deepEqual(numbers(stdout), range(from, to));
  });
}

test("lines that come after the run's end are followed until the run is settled", async () => {
  const api = fakeApi({ runs: [aFlowRun("RUNNING")], logs: [aLog(1)] });
  api.waits = [() => aFlowRun("CRASHED")];
  const comes = (n: number, settled: boolean) => () => (api.logs.push(aLog(n)), settled);
  api.settled = [comes(2, false), comes(3, false), comes(4, true)];
  const { stdout, stderr } = await cli(["flow-run", "logs", "heavy-parakeet", "-f"], { api });
  assert.deepEqual(numbers(stdout), [1, 2, 3, 4]);
  assert.equal(stderr, "Flow run 'heavy-parakeet' ended Crashed\n");
});

test("a server that answers a long poll at once is not asked in a loop", async () => {
  const api = fakeApi({ runs: [aFlowRun("RUNNING")] });
  api.waits = [...Array.from({ length: 3 }, () => () => aFlowRun("RUNNING")), () => aFlowRun("COMPLETED")];
  const { slept } = await cli(["flow-run", "logs", "heavy-parakeet", "-f"], { api });
  assert.deepEqual(slept.slice(0, 3), [1000, 1000, 1000]);
});

test("logs are objects with -o json, one for each line with --follow", async () => {
  const { stdout } = await cli(["flow-run", "logs", "heavy-parakeet", "-o", "json"], { api: withLogs(2) });
  assert.equal(JSON.parse(stdout)[1].message, "line 1");
  const followed = await cli(["flow-run", "logs", "heavy-parakeet", "-f", "-o", "json"], { api: withLogs(2) });
  assert.deepEqual(followed.stdout.trim().split("\n").map((line) => JSON.parse(line).message), ["line 0", "line 1"]);
});

test("a cancelled run is asked to stop, never forced", async () => {
  const api = fakeApi({ runs: [aFlowRun("RUNNING")] });
  const { code, stdout } = await cli(["flow-run", "cancel", "heavy-parakeet"], { api });
  assert.equal(code, 0);
  assert.equal(stdout, "Flow run 'heavy-parakeet' was successfully scheduled for cancellation\n");
  assert.deepEqual(api.bodies, [{ type: "CANCELLING" }]);
});

test("a waiting run that the server cancels at once counts as cancelled", async () => {
  const api = fakeApi({
    runs: [aFlowRun()],
    setStateAnswer: { state: null, status: "REJECT", details: { type: "reject_details", reason: "it waits" } },
  });
  assert.equal((await cli(["flow-run", "cancel", "heavy-parakeet"], { api })).code, 0);
});

test("a run that can't be cancelled says why", async () => {
  const api = fakeApi({
    runs: [aFlowRun("COMPLETED")],
    setStateAnswer: { state: null, status: "ABORT", details: { type: "abort_details", reason: "it is over" } },
  });
  const { code, stderr } = await cli(["flow-run", "cancel", "heavy-parakeet"], { api });
  assert.deepEqual({ code, stderr }, {
    code: 5,
    stderr: 'Error: Cannot cancel flow run "heavy-parakeet": it is over\n',
  });
});

test("a run is deleted with --yes", async () => {
  const api = fakeApi({ runs: [aFlowRun("COMPLETED")] });
  assert.equal((await cli(["flow-run", "delete", "heavy-parakeet", "-y"], { api })).code, 0);
  assert.deepEqual(api.calls, [`delete run ${idOf(3)}`]);
});

test("executing takes the id from FLOWCTL_FLOW_RUN_ID, and ends with the run's own code", async () => {
  const ids: string[] = [];
  const parts = { executeFlowRun: ({ flowRunId }: { flowRunId: string }) => (ids.push(flowRunId), Promise.resolve(3)) };
  assert.equal((await cli(["flow-run", "execute"], { parts, env: { FLOWCTL_FLOW_RUN_ID: idOf(5) } })).code, 3);
  assert.equal((await cli(["flow-run", "execute", idOf(6)], { parts })).code, 3);
  assert.deepEqual(ids, [idOf(5), idOf(6)]);
});

test("executing needs a whole id", async () => {
  assert.equal((await cli(["flow-run", "execute"])).code, 2);
  assert.equal((await cli(["flow-run", "execute", "heavy-parakeet"])).code, 2);
});
