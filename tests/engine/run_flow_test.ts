import assert from "node:assert/strict";
import type { FlowContext } from "../../src/engine/definitions.ts";
import { currentScope } from "../../src/engine/context.ts";
import { runSubFlow } from "../../src/engine/sub_flows.ts";
import { FlowctlError, isFlowctlError } from "../../src/support/errors.ts";
import { readMark } from "../../src/support/log_marks.ts";
import { FakeApi } from "../testing/fake_api.ts";
import { skippingClock } from "../testing/fake_clock.ts";
import { test } from "../testing/test.ts";
import { aFlow, aTask, run } from "./helpers.ts";

const typesOf = (api: FakeApi, subject: string) =>
  api.states.filter((state) => state.subject === subject).map((state) => state.name);

test("a flow with a task makes the requests and the lines of the peer", async () => {
  const sayHello = aTask("say_hello", () => console.log("Hello"));
  const { api, outcome, printed } = await run(aFlow(() => sayHello()), { clock: skippingClock() });
  assert(outcome.ok);
  assert.deepEqual(printed.map((line) => line.replace(/^\[[^\]]*\] /, "")), [
    "INFO - flowctl.FlowRunner | Beginning Flow run for 'my-flow'",
    "INFO - flowctl.TaskRunner | Task 'say_hello': Starting task run...",
    "INFO - flowctl.say_hello | Hello",
    "INFO - flowctl.TaskRunner | Task 'say_hello': Finished task run for task with final state: 'Success'",
    "INFO - flowctl.FlowRunner | Flow run SUCCESS: all reference tasks succeeded",
  ]);
  assert.match(printed[0], /^\[2026-11-21 22:3\d:\d\d\+0000\] INFO - /);
  assert.deepEqual(typesOf(api, "flow:my-run"), ["Pending", "Running", "Completed"]);
  assert.deepEqual(typesOf(api, "task:say_hello-0"), ["Pending", "Running", "Completed"]);
  const [runId, taskId] = [api.flowRuns[0].id, api.taskRuns[0].id];
  assert.deepEqual(api.requests.filter((request) => !request.endsWith("/logs/")), [
    `POST /flow_runs/${runId}/set_state`,
    `GET /flow_runs/${runId}`,
    "POST /task_runs/",
    `POST /task_runs/${taskId}/set_state`,
    `POST /task_runs/${taskId}/set_state`,
    `POST /flow_runs/${runId}/set_state`,
  ]);
});

test("records have keys by attempt and sequence, and belong to the run and the task run", async () => {
  const { api } = await run(aFlow(aTask("t", () => console.warn("careful"))), { attempt: 3 });
  assert.deepEqual(api.logs.map((log) => log.key), ["3:s1", "3:s2", "3:s3", "3:s4", "3:s5"]);
  const record = api.logs.find((log) => log.message === "careful")!;
  assert.equal(record.level, 30);
  assert.equal(record.name, "flowctl.t");
  assert.equal(record.task_run_id, api.taskRuns[0].id);
  assert.equal(record.flow_run_id, api.flowRuns[0].id);
});

test("all records are stored before the final state, the last line included", async () => {
  const { api } = await run(aFlow(() => console.log("x")));
  const last = api.requests.lastIndexOf(`POST /flow_runs/${api.flowRuns[0].id}/set_state`);
  assert(api.requests.lastIndexOf("POST /logs/") < last);
  assert.equal(api.messages().at(-1), "Flow run SUCCESS: all reference tasks succeeded");
});

test("parameters go in and the result comes out, in the state's data too", async () => {
  const { api, outcome } = await run(aFlow((parameters) => ({ got: parameters })), { parameters: { n: 1 } });
  assert(outcome.ok);
  assert.deepEqual(outcome.value, { got: { n: 1 } });
  assert.deepEqual(api.flowRuns[0].state.data, { type: "literal", value: { got: { n: 1 } } });
});

test("an exception makes the task and then the flow Failed with error, file and line", async () => {
  const fail = aTask("fail", () => {
    throw new TypeError("no such column");
  });
  const { api, outcome } = await run(aFlow(fail));
  assert(!outcome.ok && outcome.error instanceof TypeError);
  assert.match(
    api.taskRuns[0].state.message,
    /^Task run encountered an exception: TypeError: no such column \(.*run_flow_test\.ts:\d+:\d+\)$/,
  );
  assert.match(
    api.flowRuns[0].state.message,
    /^Flow run encountered an exception: TypeError: no such column \(.*:\d+:\d+\)$/,
  );
  assert.deepEqual([api.taskRuns[0].state_name, api.flowRuns[0].state_name], ["Failed", "Failed"]);
});

test("several failing tasks each end Failed, and the flow waits for all of them", async () => {
  const fail = aTask("fail", async (n) => {
    await new Promise((resolve) => setTimeout(resolve, 2 * (n as number)));
    throw new Error(`number ${n}`);
  });
  const { api, outcome } = await run(aFlow(() => Promise.all([fail(1), fail(2), fail(3)])));
  assert(!outcome.ok);
  assert.deepEqual(api.taskRuns.map((task) => task.state_name), ["Failed", "Failed", "Failed"]);
  assert.match(api.flowRuns[0].state.message, /number 1/);
});

test("a failed task is tried again when the server says so, after its delays", async () => {
  const clock = skippingClock();
  let tries = 0;
  const flaky = aTask("flaky", () => {
    if (++tries < 3) throw new Error("not yet");
    return tries;
  }, { retries: 2, retryDelaySeconds: [5, 60] });
  const { api, outcome } = await run(aFlow(flaky), { clock });
  assert(outcome.ok);
  assert.equal(outcome.value, 3);
  assert.deepEqual(typesOf(api, "task:flaky-0"), [
    ...["Pending", "Running", "AwaitingRetry", "Running", "AwaitingRetry", "Running", "Completed"],
  ]);
  assert.deepEqual(clock.slept.filter((ms) => ms > 1000), [5000, 60000]);
  assert(
    api.messages("flowctl.TaskRunner").includes(
      "Task 'flaky': Finished task run for task with final state: 'Retrying'",
    ),
  );
});

test("a retried flow runs its function again and finds the task runs that it had", async () => {
  const clock = skippingClock();
  let tries = 0;
  let calls = 0;
  const once = aTask("once", () => ++calls);
  const { api, outcome } = await run(
    aFlow(async () => {
      const n = await once();
      if (++tries < 2) throw new Error("again");
      return n;
    }, { retries: 1, retryDelaySeconds: 30 }),
    { clock },
  );
  assert(outcome.ok);
  assert.equal(outcome.value, 1);
  assert.equal(calls, 1, "a kept result is not made again");
  assert.equal(api.taskRuns.length, 1);
  assert.deepEqual(typesOf(api, "flow:my-run"), ["Pending", "Running", "AwaitingRetry", "Running", "Completed"]);
  assert(clock.slept.includes(30000));
});

test("a task that takes too long is TimedOut, and its signal is aborted", async () => {
  let aborted = false;
  const slow = aTask("slow", () => {
    currentScope()!.task!.signal.addEventListener("abort", () => aborted = true);
    return new Promise(() => {});
  }, { timeoutSeconds: 0.01 });
  const { api, outcome } = await run(aFlow(slow));
  assert(!outcome.ok && isFlowctlError(outcome.error, "timeout"));
  assert(aborted);
  assert.equal(api.taskRuns[0].state_name, "TimedOut");
  assert.equal(api.taskRuns[0].state.message, "Task run exceeded timeout of 0.01 seconds");
});

test("a flow that takes too long is TimedOut, and what it left running is cancelled", async () => {
  const slow = aTask("slow", () => new Promise(() => {}));
  const { api, outcome } = await run(aFlow(slow, { timeoutSeconds: 0.01 }));
  assert(!outcome.ok && isFlowctlError(outcome.error, "timeout"));
  assert.equal(api.flowRuns[0].state_name, "TimedOut");
  assert.equal(api.taskRuns[0].state_name, "Cancelled");
});

test("a sub-flow is a run of its own, linked to a stand-in task run of its parent", async () => {
  const child = aFlow((parameters) => ({ child: parameters }), { name: "child" });
  const { api, outcome } = await run(aFlow(() => runSubFlow(child, { n: 1 }, currentScope()!)));
  assert(outcome.ok);
  assert.deepEqual(outcome.value, { child: { n: 1 } });
  const [parent, sub] = api.flowRuns;
  assert.match(api.taskRuns[0].task_key, /^child-[0-9a-f]{8}$/);
  assert.equal(api.taskRuns[0].flow_run_id, parent.id);
  assert.equal(sub.parent_task_run_id, api.taskRuns[0].id);
  assert.equal(sub.state_name, "Completed");
  assert.deepEqual(sub.parameters, { n: 1 });
});

test("a failing sub-flow fails its parent", async () => {
  const child = aFlow(() => {
    throw new Error("below");
  }, { name: "child" });
  const { api, outcome } = await run(aFlow(() => runSubFlow(child, {}, currentScope()!)));
  assert(!outcome.ok);
  assert.deepEqual(api.flowRuns.map((run) => run.state_name), ["Failed", "Failed"]);
});

test("a cancelled run whose flow listens is given the time to end by itself", async () => {
  const stop = new AbortController();
  const api = new FakeApi();
  let cleaned = false;
  const { outcome } = await run(
    aFlow(async (_parameters: unknown, { signal }: FlowContext) => {
      api.flowRuns[0].state = { ...api.flowRuns[0].state, type: "CANCELLING", name: "Cancelling" };
      api.flowRuns[0].state_type = "CANCELLING";
      setTimeout(() => stop.abort(), 1);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      cleaned = true;
      throw signal.reason;
    }),
    { signal: stop.signal },
    api,
  );
  assert(cleaned && !outcome.ok);
  assert.equal(api.flowRuns[0].state_name, "Cancelled");
});

test("a cancelled run whose flow does not listen ends at once, and so do its tasks", async () => {
  const stop = new AbortController();
  const api = new FakeApi();
  const hang = aTask("hang", () => {
    api.flowRuns[0].state = { ...api.flowRuns[0].state, type: "CANCELLING", name: "Cancelling" };
    api.flowRuns[0].state_type = "CANCELLING";
    stop.abort();
    return new Promise(() => {});
  });
  const { outcome } = await run(aFlow(hang), { signal: stop.signal }, api);
  assert(!outcome.ok);
  assert.deepEqual([api.flowRuns[0].state_name, api.taskRuns[0].state_name], ["Cancelled", "Cancelled"]);
});

test("a process that is asked to stop leaves the run Crashed when nobody cancelled it", async () => {
  const stop = new AbortController();
  const { api } = await run(
    aFlow(() => {
      stop.abort();
      return new Promise(() => {});
    }),
    { signal: stop.signal },
  );
  assert.equal(api.flowRuns[0].state_name, "Crashed");
  assert.equal(api.flowRuns[0].state.message, "The process that ran the flow was asked to stop");
});

test("a flow that ends normally although it was cancelled is Cancelled", async () => {
  const api = new FakeApi();
  const { outcome } = await run(
    aFlow(() => {
      api.flowRuns[0].state = { ...api.flowRuns[0].state, type: "CANCELLING", name: "Cancelling" };
    }),
    {},
    api,
  );
  assert(!outcome.ok);
  assert.equal(api.flowRuns[0].state_name, "Cancelled");
});

test("a fenced attempt says nothing more", async () => {
  const api = new FakeApi();
  const task = aTask("t", () => 1);
  api.intercept = (_method, path) =>
    path.startsWith("/task_runs")
      ? { status: 409, body: { detail: "Another attempt is current", code: "fenced" } }
      : undefined;
  await assert.rejects(run(aFlow(task), {}, api), (error) => isFlowctlError(error, "fenced"));
  assert.deepEqual(typesOf(api, "flow:my-run"), ["Pending", "Running"]);
});

test("nothing is lost and nothing doubled while the API is away", async () => {
  const clock = skippingClock();
  const api = new FakeApi(clock);
  let n = 0;
  // Every other request is not answered, half of these after they were carried out.
  api.intercept = () => {
    if (++n % 4 === 0) throw new TypeError("connection refused");
    return undefined;
  };
  api.after = () => {
    if (n % 4 === 2) throw new TypeError("connection reset");
  };
  const task = aTask("t", (i) => console.log(`line ${i}`), { retries: 1 });
  const { outcome } = await run(
    aFlow(async () => {
      for (let i = 0; i < 10; i++) await task(i);
    }),
    { clock },
    api,
  );
  assert(outcome.ok);
  assert.equal(api.taskRuns.length, 10);
  assert(api.taskRuns.every((task) => task.run_count === 1 && task.state_name === "Completed"));
  assert.deepEqual(api.messages("flowctl.t"), Array.from({ length: 10 }, (_, i) => `line ${i}`));
});

test("a run that is over already is not run again", async () => {
  const api = new FakeApi();
  api.aFlowRun({}, { type: "CANCELLED" });
  let ran = false;
  const { outcome } = await run(aFlow(() => void (ran = true)), {}, api);
  assert(!outcome.ok && !ran);
});

test("parameters that do not fit make the run Failed before it begins", async () => {
  const definition = aFlow(() => 1, {
    prepare: () =>
      Promise.reject(new FlowctlError("invalid", 'Cannot run flow "my-flow": Parameter "n" must be integer')),
  });
  const { api, outcome } = await run(definition);
  assert(!outcome.ok);
  assert.deepEqual(typesOf(api, "flow:my-run"), ["Pending", "Failed"]);
  assert.equal(api.flowRuns[0].state.message, 'Cannot run flow "my-flow": Parameter "n" must be integer');
});

test("a task outside of a flow is refused with a hint", async () => {
  await assert.rejects(
    aTask("t", () => 1)(),
    (error) => isFlowctlError(error, "invalid") && error.hint!.includes(".fn("),
  );
});

test("printed lines end in marks, each line of a record in the same one, and escapes are made harmless", async () => {
  const { printed } = await run(aFlow(() => console.log("one\ntwo\u001b[2J")), { marks: true });
  assert(printed[1].endsWith("flowctl.my-flow | one\u001b_fc2+\u001b\\"));
  assert.equal(printed[2], "two\u001b_fc2\u001b\\");
});

test("a line whose record could not be kept says so in its mark, so that the agent sends it", async () => {
  const big = "x".repeat(900_000);
  const { api, printed } = await run(
    aFlow(() => {
      for (let n = 0; n < 60; n++) console.log(`${n} ${big}`);
    }),
    { marks: true },
  );
  const marks = printed.map((line) => readMark(line).mark!);
  const unsent = marks.filter(({ isUnsent }) => isUnsent).map(({ sequence }) => `0:s${sequence}`);
  assert(unsent.length > 0);
  const all = [...api.logs.map(({ key }) => key!), ...unsent];
  assert.deepEqual(all.toSorted(), marks.map(({ sequence }) => `0:s${sequence}`).toSorted());
});

test("a line of a sub-flow names the sub-flow's run in its mark, one of the run itself names none", async () => {
  const child = aFlow(() => console.log("from below"), { name: "child" });
  const { api, printed } = await run(
    aFlow(async () => {
      console.log("from above");
      await runSubFlow(child, {}, currentScope()!);
    }),
    { marks: true },
  );
  const runOf = (text: string) => readMark(printed.find((line) => line.includes(text))!).mark!.flowRunId;
  assert.equal(runOf("from above"), undefined);
  assert.equal(runOf("from below"), api.flowRuns[1].id);
});

test("console tables, groups and formats become records", async () => {
  const { api } = await run(aFlow(() => {
    console.table([{ a: 1 }]);
    console.log("%s is %d", "x", 1);
    console.error(new Error("told"));
  }));
  const records = api.logs.filter((log) => log.name === "flowctl.my-flow");
  assert.match(records[0].message, /│ \(index\) │ a │/);
  assert.equal(records[1].message, "x is 1");
  assert.equal(records[2].level, 40);
});
