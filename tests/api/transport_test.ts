import assert from "node:assert/strict";
import { createGuard } from "../../src/api/guard.ts";
import { BODY_LIMIT } from "../../src/api/request.ts";
import { startTestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const VERSION_HEADER = "x-prefect-api-version";

for (
  const { name, method, path, body, headers, status, answer } of [
    { name: "health is true", method: "GET", path: "/api/health", status: 200, answer: true },
    { name: "ready says OK", method: "GET", path: "/api/ready", status: 200, answer: { message: "OK" } },
    { name: "hello waves", method: "GET", path: "/api/hello", status: 200, answer: "👋" },
    { name: "the API's version is Prefect's", method: "GET", path: "/api/version", status: 200, answer: "0.8.4" },
    {
      name: "the program's version is ours",
      method: "GET",
      path: "/api/admin/version",
      status: 200,
      answer: "0.0.0-test",
    },
    {
      name: "no CSRF token is wanted, in the words Prefect's client looks for",
      method: "GET",
      path: `/api/csrf-token?client=${UNKNOWN}`,
      status: 422,
      answer: { detail: "CSRF protection is disabled." },
    },
    {
      name: "the UI's settings name the API",
      method: "GET",
      path: "/ui-settings",
      status: 200,
      answer: { api_url: "/api", csrf_enabled: false, flags: [] },
    },
    {
      name: "a client of this age is welcome",
      method: "GET",
      path: "/api/hello",
      headers: { [VERSION_HEADER]: "0.8.4" },
      status: 200,
    },
    {
      name: "a version header in another shape is refused",
      method: "GET",
      path: "/api/hello",
      headers: { [VERSION_HEADER]: "abc" },
      status: 400,
      answer: {
        detail: "Invalid X-PREFECT-API-VERSION header format.Expected header in format 'x.y.z' but received abc",
        code: "invalid",
      },
    },
    {
      name: "a client that is too old is refused",
      method: "GET",
      path: "/api/hello",
      headers: { [VERSION_HEADER]: "0.7.0" },
      status: 400,
      answer: {
        detail: "The request specified API version 0.7.0 but this server requires version 0.8.0 or higher.",
        code: "invalid",
      },
    },
    {
      name: "health is outside of the version gate",
      method: "GET",
      path: "/api/health",
      headers: { [VERSION_HEADER]: "0.7.0" },
      status: 200,
    },
    {
      name: "an unknown path is 404",
      method: "GET",
      path: "/api/nothing",
      status: 404,
      answer: { detail: "Not Found" },
    },
    {
      name: "another method is 405",
      method: "DELETE",
      path: "/api/flows/",
      status: 405,
      answer: { detail: "Method Not Allowed" },
    },
    { name: "an unknown page is 404", method: "GET", path: "/nowhere", status: 404 },
    { name: "an id that is no UUID is 422", method: "GET", path: "/api/flow_runs/nonsense", status: 422 },
    {
      name: "a run that does not exist is 404",
      method: "GET",
      path: `/api/flow_runs/${UNKNOWN}`,
      status: 404,
      answer: { detail: "Flow run not found", code: "not_found" },
    },
    {
      name: "a state of a run that does not exist is 404 in the other shape",
      method: "POST",
      path: `/api/flow_runs/${UNKNOWN}/set_state`,
      body: { state: { type: "RUNNING" } },
      status: 404,
      answer: { exception_message: `Flow run with id ${UNKNOWN} not found`, code: "not_found" },
    },
    { name: "a filter without a body lists all", method: "POST", path: "/api/flows/filter", status: 200, answer: [] },
    { name: "a count without a body counts all", method: "POST", path: "/api/flow_runs/count", status: 200, answer: 0 },
    {
      name: "a filter of null lists all",
      method: "POST",
      path: "/api/flows/filter",
      body: "null",
      status: 200,
      answer: [],
    },
    {
      name: "null is absent, and unknown keys beside filters are ignored",
      method: "POST",
      path: "/api/flow_runs/filter",
      body: { flows: null, sort: null, limit: null, offset: null, work_queues: { whatever: 1 } },
      status: 200,
      answer: [],
    },
    {
      name: "any_ of nothing matches nothing",
      method: "POST",
      path: "/api/flows/filter",
      body: { flows: { id: { any_: [] } } },
      status: 200,
      answer: [],
    },
    {
      name: "an unknown key in a filter is 422 in pydantic's shape",
      method: "POST",
      path: "/api/flow_runs/filter",
      body: { flow_runs: { bogus: 1 } },
      status: 422,
      answer: {
        exception_message: "Invalid request received.",
        exception_detail: [{
          loc: ["body", "flow_runs", "bogus"],
          msg: "extra fields not permitted",
          type: "value_error.extra",
        }],
        request_body: { flow_runs: { bogus: 1 } },
        code: "invalid",
      },
    },
    {
      name: "a limit above 200 is 422 in Prefect's words",
      method: "POST",
      path: "/api/flow_runs/filter",
      body: { limit: 201 },
      status: 422,
      answer: { detail: "Invalid limit: must be less than or equal to 200.", code: "invalid" },
    },
    { name: "a negative limit is 422", method: "POST", path: "/api/logs/filter", body: { limit: -1 }, status: 422 },
    {
      name: "an unknown sort is 422",
      method: "POST",
      path: "/api/flows/filter",
      body: { sort: "RANDOM" },
      status: 422,
    },
    {
      name: "a missing field is named",
      method: "POST",
      path: "/api/flows/",
      body: {},
      status: 422,
      answer: {
        exception_message: "Invalid request received.",
        exception_detail: [{ loc: ["body", "name"], msg: "field required", type: "value_error.missing" }],
        request_body: {},
        code: "invalid",
      },
    },
    { name: "a missing body is 422", method: "POST", path: "/api/flows/", status: 422 },
    { name: "a body that is no JSON is 422", method: "POST", path: "/api/flows/", body: "{", status: 422 },
    { name: "a body of null is 422", method: "POST", path: "/api/flows/", body: "null", status: 422 },
    { name: "a name with a slash is 422", method: "POST", path: "/api/flows/", body: { name: "a/b" }, status: 422 },
    {
      name: "unknown keys of a create body are ignored",
      method: "POST",
      path: "/api/flows/",
      body: { name: "a", colour: "blue" },
      status: 201,
    },
    {
      name: "a form is 415",
      method: "POST",
      path: "/api/flows/",
      body: "name=x",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      status: 415,
    },
    {
      name: "plain text is 415 where JSON is wanted",
      method: "POST",
      path: "/api/flows/",
      body: `{"name":"x"}`,
      headers: { "content-type": "text/plain" },
      status: 415,
    },
    {
      name: "JSON with a charset is JSON",
      method: "POST",
      path: "/api/flows/",
      body: `{"name":"x"}`,
      headers: { "content-type": "application/json; charset=utf-8" },
      status: 201,
    },
    {
      name: "a run of a flow that does not exist is 409",
      method: "POST",
      path: "/api/flow_runs/",
      body: { flow_id: UNKNOWN },
      status: 409,
    },
    {
      name: "the states of an unknown run are none",
      method: "GET",
      path: `/api/flow_run_states/?flow_run_id=${UNKNOWN}`,
      status: 200,
      answer: [],
    },
    { name: "states without a run are 422", method: "GET", path: `/api/flow_run_states/`, status: 422 },
    {
      name: "a message of a million and one is 422",
      method: "POST",
      path: "/api/logs/",
      body: [record("x".repeat(1_000_001))],
      status: 422,
    },
    {
      name: "a batch of 5,001 records is 422",
      method: "POST",
      path: "/api/logs/",
      body: Array(5001).fill(record("x")),
      status: 422,
    },
    {
      name: "an empty batch of logs is taken",
      method: "POST",
      path: "/api/logs/",
      body: [],
      status: 201,
      answer: null,
    },
    {
      name: "an unknown lease is fenced",
      method: "GET",
      path: "/api/flows/name/x",
      headers: { "x-flowctl-lease": "nonsense" },
      status: 409,
    },
  ] as Scenario[]
) {
  test(name, async () => {
    await using server = await startTestServer();
    const got = await server.send(method, path, body, headers);
    assert.equal(got.status, status, got.text);
    if (answer !== undefined) assert.deepEqual(got.body, answer);
  });
}

interface Scenario {
  name: string;
  method: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  status: number;
  answer?: unknown;
}

function record(message: string) {
  return { name: "flowctl", level: 20, message, timestamp: "2026-11-21T22:33:58Z" };
}

for (
  const [from, to] of [
    ["/api/flows", "/api/flows/"],
    ["/api/flows/filter/", "/api/flows/filter"],
    [`/api/flow_runs/${UNKNOWN}/?a=b`, `/api/flow_runs/${UNKNOWN}?a=b`],
  ]
) {
  test(`${from} leads to ${to} with 307`, async () => {
    await using server = await startTestServer();
    const got = await server.send("POST", from, {});
    assert.equal(got.status, 307);
    assert.equal(got.headers.get("location"), to);
  });
}

test("a body above the limit is 413, announced or not", async () => {
  await using server = await startTestServer();
  const large = JSON.stringify({ name: "x".repeat(BODY_LIMIT) });
  assert.equal((await server.send("POST", "/api/flows/", large)).status, 413);
  const announced = await server.send("POST", "/api/flows/", "{}", { "content-length": String(BODY_LIMIT + 1) });
  assert.equal(announced.status, 413);
});

test("what nobody expected is a 500 without its cause, which is in the log", async () => {
  await using server = await startTestServer();
  await server.closeStore();
  const got = await server.send("GET", `/api/flow_runs/${UNKNOWN}`);
  assert.equal(got.status, 500);
  assert.deepEqual(got.body, { exception_message: "Internal Server Error", code: "internal" });
  assert.equal(server.lines.length, 1);
  assert.doesNotMatch(got.text, /\bat \b|sqlite|\.ts/i);
});

test("a database that does not answer is not ready", async () => {
  await using server = await startTestServer();
  await server.closeStore();
  assert.equal((await server.send("GET", "/api/ready")).status, 503);
});

const guard = createGuard(["flow.example"]);
for (
  const [name, method, headers, allowed] of [
    ["localhost with a port may pass", "POST", { host: "localhost:4200" }, true],
    ["127.0.0.1 may pass", "GET", { host: "127.0.0.1" }, true],
    ["[::1] may pass", "POST", { host: "[::1]:4200" }, true],
    ["a configured host may pass", "POST", { host: "Flow.example:80" }, true],
    ["another host is refused, to readers too", "GET", { host: "evil.example:4200" }, false],
    ["a name that begins like ours is refused", "GET", { host: "localhost.evil.example" }, false],
    ["a request without a host is refused", "GET", {}, false],
    ["a write from our own page may pass", "POST", { host: "localhost:4200", origin: "http://localhost:4200" }, true],
    [
      "a write from another port is refused",
      "POST",
      { host: "localhost:4200", origin: "http://localhost:3000" },
      false,
    ],
    ["a write from a foreign page is refused", "POST", { host: "localhost", origin: "http://evil.example" }, false],
    ["a write from a page without an origin is refused", "POST", { host: "localhost", origin: "null" }, false],
    ["a read from a foreign page gets no CORS header and may pass", "GET", {
      host: "localhost",
      origin: "http://evil.example",
    }, true],
    ["a stream for a foreign page is refused", "GET", {
      host: "localhost",
      origin: "http://evil.example",
      accept: "text/event-stream",
    }, false],
    ["a cross-site write is refused", "DELETE", { host: "localhost", "sec-fetch-site": "cross-site" }, false],
    ["a same-site write is refused", "POST", { host: "localhost", "sec-fetch-site": "same-site" }, false],
    ["a same-origin write may pass", "POST", { host: "localhost", "sec-fetch-site": "same-origin" }, true],
    ["a preflight is refused", "OPTIONS", { host: "localhost", origin: "http://evil.example" }, false],
  ] as [string, string, Record<string, string>, boolean][]
) {
  test(name, () => {
    // `Request` drops these names, so the guard is shown what it looks at.
    const request = { method, headers: new Headers(headers) } as Request;
    const refusal = guard(request);
    assert.equal(refusal === undefined, allowed);
    if (refusal) {
      assert.equal(refusal.status, 403);
      assert.equal(refusal.headers.get("access-control-allow-origin"), null);
    }
  });
}
