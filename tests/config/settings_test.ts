import assert from "node:assert/strict";
import { readSettings, SETTINGS } from "../../src/config/settings.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { test } from "../testing/test.ts";

const HOME = { FLOWCTL_HOME: "/srv/flows" };

test("an environment that says nothing gives the defaults", () => {
  assert.deepEqual(readSettings(HOME), {
    home: "/srv/flows",
    logLevel: "INFO",
    allowedHosts: [],
    authLoopback: "trust",
    stopGraceSeconds: 10,
    serverNetwork: "flowctl-server",
    keepContainersHours: 24,
    keepContainers: 100,
  });
});

for (
  const [text, url] of [
    ["http://127.0.0.1:4200/api", "http://127.0.0.1:4200/api"],
    ["http://127.0.0.1:4200/api/", "http://127.0.0.1:4200/api"],
    [" https://flow.example//api// ", "https://flow.example//api"],
    ["http://127.0.0.1:4200", "http://127.0.0.1:4200/api"],
    ["http://localhost:4200/", "http://localhost:4200/api"],
    ["unix:///.flowctl-run/api.sock", "unix:///.flowctl-run/api.sock"],
    ["unix:/run/api.sock", "unix:///run/api.sock"],
  ]
) {
  test(`FLOWCTL_API_URL=${text} means the API at ${url}`, () => {
    assert.equal(readSettings({ ...HOME, FLOWCTL_API_URL: text }).apiUrl, url);
    assert.equal(readSettings({ ...HOME, FLOWCTL_ORION_HOST: text }).apiUrl, url);
  });
}

test("the newer name of the API's address wins, and an empty one counts as not set", () => {
  const older = "http://old.example/api";
  assert.equal(
    readSettings({ ...HOME, FLOWCTL_API_URL: "http://new/api", FLOWCTL_ORION_HOST: older }).apiUrl,
    "http://new/api",
  );
  assert.equal(readSettings({ ...HOME, FLOWCTL_API_URL: " ", FLOWCTL_ORION_HOST: older }).apiUrl, older);
});

for (
  const [name, text, why] of [
    ["FLOWCTL_API_URL", "localhost:4200", /must start with http/],
    ["FLOWCTL_API_URL", "not a url", /no address/],
    ["FLOWCTL_ORION_HOST", "ftp://host/api", /must start with http/],
    ["FLOWCTL_API_URL", "http://host/api?x=1", /must not contain/],
    ["FLOWCTL_API_URL", "unix://api.sock", /unix:\/\/\/path/],
    ["FLOWCTL_LOG_LEVEL", "LOUD", /one of DEBUG, INFO/],
    ["FLOWCTL_STOP_GRACE_SECONDS", "soon", /number of seconds/],
    ["FLOWCTL_STOP_GRACE_SECONDS", "-1", /number of seconds/],
    ["FLOWCTL_KEEP_CONTAINERS_HOURS", "a day", /number of hours/],
    ["FLOWCTL_KEEP_CONTAINERS", "-1", /number of containers/],
    ["FLOWCTL_AUTH_LOOPBACK", "maybe", /trust or require/],
  ] as const
) {
  test(`${name}=${text} is refused in one sentence that names the variable`, () => {
    assert.throws(
      () => readSettings({ ...HOME, [name]: text }),
      (error) =>
        isFlowctlError(error, "invalid") && error.message.startsWith(`Cannot use ${name} "${text}": `) &&
        why.test(error.message) && !error.message.includes("\n"),
    );
  });
}

test("a wrong key is refused without being shown", () => {
  assert.throws(
    () => readSettings({ ...HOME, FLOWCTL_API_KEY: "s3cret key" }),
    (error) => isFlowctlError(error, "invalid") && !error.message.includes("s3cret"),
  );
});

test("levels are read in any case", () => {
  assert.equal(readSettings({ ...HOME, FLOWCTL_LOG_LEVEL: "debug" }).logLevel, "DEBUG");
});

test("allowed hosts are a list", () => {
  assert.deepEqual(readSettings({ ...HOME, FLOWCTL_ALLOWED_HOSTS: "Flow.example, box" }).allowedHosts, [
    "flow.example",
    "box",
  ]);
});

test("every setting says its name, default and use", () => {
  for (const spec of Object.values(SETTINGS)) {
    assert.match(spec.name, /^FLOWCTL_[A-Z_]+$/);
    assert.ok(spec.default.length > 0 && spec.about.endsWith("."), spec.name);
  }
});
