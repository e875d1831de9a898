import assert from "node:assert/strict";
import { FlowctlError } from "../../../src/support/errors.ts";
import { test } from "../../testing/test.ts";
import { aDeployment, aFlowRun, aLog, cli, fakeApi, idOf } from "../support.ts";

const RUN = ["deployment", "run", "my-flow/example"];

test("a run of a deployment is announced with its name and id on stdout", async () => {
  const { code, stdout, stderr } = await cli(RUN);
  assert.deepEqual({ code, stdout, stderr }, {
    code: 0,
    stdout: `Created flow run 'heavy-parakeet' (${idOf(3)})\n`,
    stderr: "",
  });
});

test("which API is used is said on stderr, to people only", async () => {
  assert.equal((await cli(RUN)).stderr, "");
  assert.equal((await cli(RUN, { terminal: true })).stderr, "Using the API at http://127.0.0.1:4200/api\n");
  assert.match((await cli([...RUN, "--verbose"], { mode: "server" })).stderr, /^Using the server of this home at http/);
  const ephemeral = await cli(RUN, { mode: "ephemeral" });
  assert.match(ephemeral.stderr, /^No server runs on this home/);
});

test("a project is said before the flow", async () => {
  const api = fakeApi({ deployments: [aDeployment({ id: idOf(7), project: "etl" })] });
  assert.equal((await cli(["deployment", "run", "etl/my-flow/example"], { api })).code, 0);
  assert.deepEqual(api.calls, [`create run of ${idOf(7)}`]);
  assert.equal((await cli(RUN, { api })).code, 3);
});

test("an unknown deployment is one sentence with a hint and exit code 3", async () => {
  const { code, stdout, stderr } = await cli(["deployment", "run", "my-flow/other"]);
  assert.deepEqual({ code, stdout }, { code: 3, stdout: "" });
  assert.equal(
    stderr,
    'Error: Cannot run deployment "my-flow/other": no deployment has that name\n' +
      "Hint: List them with: flowctl deployment ls\n",
  );
});

test("parameters are JSON if they parse, else text, and the schema decides in doubt", async () => {
  const schema = { type: "object", properties: { zip: { type: "string" }, count: { type: "integer" } } };
  const api = fakeApi({ deployments: [aDeployment({ parameter_openapi_schema: schema })] });
  const given = [
    "--param",
    "zip=01234",
    "-p",
    "count=3",
    "-p",
    "name=a=b",
    "--params",
    '{"count": 1, "deep": {"x": []}}',
  ];
  assert.equal((await cli([...RUN, ...given, "--tag", "a", "-t", "b", "--name", "mine"], { api })).code, 0);
  assert.deepEqual(api.bodies, [{
    parameters: { count: 3, deep: { x: [] }, zip: "01234", name: "a=b" },
    tags: ["a", "b"],
    name: "mine",
  }]);
});

test("parameters are read from stdin", async () => {
  const api = fakeApi();
  assert.equal((await cli([...RUN, "--params", "-"], { api, stdin: '{"a": 1}' })).code, 0);
  assert.deepEqual((api.bodies[0] as { parameters: unknown }).parameters, { a: 1 });
});

for (
  const [given, sentence] of [
    [["--param", "x"], 'Cannot read parameter "x": it has not the form KEY=VALUE'],
    [["--param", "=1"], 'Cannot read parameter "=1": it has not the form KEY=VALUE'],
    [["--params", "[1]"], 'Cannot read parameters "[1]": it is not a JSON object'],
    [["--params", "{"], 'Cannot read parameters "{": it is not JSON'],
    [["--params", "@/nowhere.json"], 'Cannot read parameters from "/nowhere.json": there is no such file'],
    [["--bogus"], "Unknown option '--bogus'"],
    [["-o", "xml"], "Option '-o, --output <format>' argument 'xml' is invalid"],
    [["more"], "Too many arguments"],
  ] as const
) {
  test(`"deployment run" with ${given.join(" ")} is wrong usage, and creates nothing`, async () => {
    const api = fakeApi();
    const { code, stderr, stdout } = await cli([...RUN, ...given], { api });
    assert.deepEqual({ code, stdout, calls: api.calls }, { code: 2, stdout: "", calls: [] });
    assert(stderr.startsWith(`Error: ${sentence}`), stderr);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });
}

for (const name of ["example", "a/b/c/d", "/b", "a/", "a//b"]) {
  test(`"${name}" is no name of a deployment`, async () => {
    const { code, stderr } = await cli(["deployment", "run", name]);
    assert.equal(code, 2);
    assert.match(stderr, /it has not the form FLOW\/NAME/);
  });
}

/** A run that goes through its states and prints on its way. */
function aWalk(last: "COMPLETED" | "FAILED") {
  const api = fakeApi();
  api.waits = [
    () => aFlowRun("PENDING"),
    () => (api.logs.push(aLog(1)), aFlowRun("RUNNING")),
    () => (api.logs.push(aLog(2, "\u001b[2Jtwo")), aFlowRun("RUNNING")),
    () => {
      api.logs.push(aLog(3));
      const run = aFlowRun(last);
      return { ...run, state: { ...run.state!, message: last === "FAILED" ? "boom" : null } };
    },
  ];
  return api;
}

test("--watch prints the lines as they come and ends with 0 for a Completed run", async () => {
  const { code, stdout, stderr } = await cli([...RUN, "--watch"], { api: aWalk("COMPLETED") });
  assert.equal(code, 0);
  assert.deepEqual(stdout.split("\n"), [
    `Created flow run 'heavy-parakeet' (${idOf(3)})`,
    "[2026-11-21 22:33:59+0000] INFO - flowctl.FlowRunner | line 1",
    "[2026-11-21 22:34:00+0000] INFO - flowctl.FlowRunner | two",
    "[2026-11-21 22:34:01+0000] INFO - flowctl.FlowRunner | line 3",
    "",
  ]);
  assert.equal(stderr, "Flow run 'heavy-parakeet' ended Completed\n");
});

test("--watch ends with 1 and the reason for a Failed run", async () => {
  const { code, stderr } = await cli([...RUN, "--watch"], { api: aWalk("FAILED") });
  assert.equal(code, 1);
  assert.equal(stderr, "Flow run 'heavy-parakeet' ended Failed: boom\n");
});

test("--watch -o json prints the run as it ended, and the lines beside it on stderr", async () => {
  const { stdout, stderr } = await cli([...RUN, "--watch", "-o", "json"], { api: aWalk("COMPLETED") });
  assert.equal(JSON.parse(stdout).state_type, "COMPLETED");
  assert.match(stderr, /line 1\n.*two\n.*line 3\n/);
});

test("Ctrl-C while watching leaves the run alone and ends with 130", async () => {
  const controller = new AbortController();
  const api = fakeApi();
  api.waits = [() => {
    controller.abort(new FlowctlError("cancelled", "Stopped by SIGINT", { details: { signal: "SIGINT" } }));
    return aFlowRun("RUNNING");
  }];
  const { code, stderr } = await cli([...RUN, "--watch"], { api, signal: controller.signal });
  assert.equal(code, 130);
  assert.match(stderr, /Stopped watching: flow run 'heavy-parakeet' goes on/);
  assert.deepEqual(api.calls, [`create run of ${idOf(2)}`]);
});

const CREATE = ["deployment", "create", "./example-deployment.ts"];
const found = [{ name: "example", flow: { name: "my-flow" } }];

test("creating a deployment says which file and which deployment", async () => {
  const loaded: string[] = [];
  const { code, stdout, stderr } = await cli(CREATE, {
    parts: {
      loadDeployments: (path) => (loaded.push(path), Promise.resolve(found)),
      deploy: () => Promise.resolve(aDeployment()),
    },
  });
  assert.deepEqual({ code, stderr, loaded }, { code: 0, stderr: "", loaded: ["example-deployment.ts"] });
  assert.equal(
    stdout,
    "Loading deployments from typescript file at 'example-deployment.ts'...\n" +
      "Created deployment 'example' for flow 'my-flow'\n",
  );
});

test("-o name prints nothing but names of deployments on stdout", async () => {
  const parts = { loadDeployments: () => Promise.resolve(found), deploy: () => Promise.resolve(aDeployment()) };
  assert.equal((await cli([...CREATE, "-o", "name"], { parts })).stdout, "my-flow/example\n");
});

test("what is wrong in a file is a sentence and exit code 1, for the usage was right", async () => {
  const error = new FlowctlError("invalid", 'Cannot find a deployment in "f.ts"', { hint: "Add one" });
  const { code, stderr } = await cli(CREATE, { parts: { loadDeployments: () => Promise.reject(error) } });
  assert.deepEqual({ code, stderr }, { code: 1, stderr: 'Error: Cannot find a deployment in "f.ts"\nHint: Add one\n' });
});

test("each deployment that can't be created is named, the others are created, and the exit code tells", async () => {
  const three = ["a", "b", "c"].map((name) => ({ name, flow: { name: "f" } }));
  const { code, stdout, stderr } = await cli(CREATE, {
    parts: {
      loadDeployments: () => Promise.resolve(three),
      deploy: (_client, { name }) =>
        name === "b"
          ? Promise.resolve(aDeployment())
          : Promise.reject(new FlowctlError("invalid", `Cannot use the schedule of "${name}"`)),
    },
  });
  assert.equal(code, 2);
  assert.match(stdout, /Created deployment 'b' for flow 'f'/);
  assert.equal(
    stderr,
    "Failed to create deployment 'a' for flow 'f'\nError: Cannot use the schedule of \"a\"\n" +
      "Failed to create deployment 'c' for flow 'f'\nError: Cannot use the schedule of \"c\"\n",
  );
});

test("a file of another kind is refused before it is read", async () => {
  const { code, stderr } = await cli(["deployment", "create", "flow.py"]);
  assert.equal(code, 2);
  assert.match(stderr, /Cannot load deployments from "flow.py": its file type is unknown\nHint: .*\.ts, \.mts/);
});

test("deployments are listed by name; columns are aligned and without lines for a pipe", async () => {
  const api = fakeApi({
    deployments: [
      aDeployment({ name: "z", project: "etl", tags: ["a", "b"] }),
      aDeployment({
        schedules: [{
          schedule: { cron: "0 9 * * *", timezone: "Europe/London", day_or: true },
          active: true,
        }] as never,
        flow_runner: { type: "docker", config: { image: "img:1" } } as never,
      }),
    ],
  });
  assert.deepEqual((await cli(["deployment", "ls"], { api })).stdout.split("\n"), [
    "NAME             RUNNER        SCHEDULE                        TAGS  VERSION  UPDATED",
    "etl/my-flow/z                                                  a, b  1        5 minutes ago",
    "my-flow/example  docker img:1  cron 0 9 * * * (Europe/London)        1        5 minutes ago",
    "",
  ]);
  assert.equal((await cli(["deployment", "ls", "-o", "name"], { api })).stdout, "etl/my-flow/z\nmy-flow/example\n");
  assert.equal(JSON.parse((await cli(["deployment", "ls", "-o", "json"], { api })).stdout).length, 2);
  assert.match((await cli(["deployment", "ls", "-o", "yaml"], { api })).stdout, /^- id: /);
});

test("an empty list is said on stderr, and is an empty array in JSON", async () => {
  const api = fakeApi({ deployments: [] });
  const { code, stdout, stderr } = await cli(["deployment", "ls"], { api });
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "No deployments found\n" });
  assert.equal((await cli(["deployment", "ls", "-o", "json"], { api })).stdout, "[]\n");
});

test("a list longer than a page is read to its end", async () => {
  const deployments = Array.from({ length: 450 }, (_, n) => aDeployment({ id: idOf(n), name: `d${n}` }));
  const { stdout } = await cli(["deployment", "ls", "-o", "name"], { api: fakeApi({ deployments }) });
  assert.equal(stdout.trim().split("\n").length, 450);
});

test("one deployment is shown with exact times", async () => {
  const { stdout } = await cli(["deployment", "inspect", "my-flow/example"]);
  assert.match(stdout, /^Name: +my-flow\/example$/m);
  assert.match(stdout, /^Created: +2026-11-21 22:28:58 UTC \(5 minutes ago\)$/m);
});

test("deleting asks on a terminal, and does nothing without a yes", async () => {
  const api = fakeApi();
  const asked = await cli(["deployment", "delete", "my-flow/example"], { api, terminal: true, stdin: "n\n" });
  assert.match(asked.stderr, /Delete deployment 'my-flow\/example'\? \[y\/N\] /);
  assert.notEqual(asked.code, 0);
  assert.deepEqual(api.calls, []);
  assert.equal((await cli(["deployment", "delete", "my-flow/example"], { api, terminal: true, stdin: "y\n" })).code, 0);
  assert.deepEqual(api.calls, [`delete deployment ${idOf(2)}`]);
});

test("deleting without a terminal needs --yes", async () => {
  const api = fakeApi();
  assert.equal((await cli(["deployment", "delete", "my-flow/example"], { api })).code, 2);
  const { code, stdout } = await cli(["deployment", "delete", "my-flow/example", "--yes"], { api });
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "Deleted deployment 'my-flow/example'\n" });
});

for (const [verb, said] of [["pause", "Paused"], ["resume", "Resumed"]]) {
  test(`"deployment ${verb}" says that the deployment is ${said}`, async () => {
    const api = fakeApi();
    assert.equal(
      (await cli(["deployment", verb, "my-flow/example"], { api })).stdout,
      `${said} deployment 'my-flow/example'\n`,
    );
    assert.deepEqual(api.calls, [`${verb} deployment ${idOf(2)}`]);
  });
}
