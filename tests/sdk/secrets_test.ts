import assert from "node:assert/strict";
import { inspect } from "node:util";
import process from "node:process";
import { flow } from "../../src/sdk/flow.ts";
import { DeploymentSpec } from "../../src/sdk/deployment_spec.ts";
import { DockerFlowRunner, SubprocessFlowRunner } from "../../src/sdk/flow_runners.ts";
import { openRunSecrets, Secret, secret, secretMask } from "../../src/sdk/secrets.ts";
import { FlowctlError } from "../../src/support/errors.ts";
import { skippingClock } from "../testing/fake_clock.ts";
import { test } from "../testing/test.ts";

const clientOf = (values: Record<string, string>) =>
  ({
    secrets: {
      value: (name: string) =>
        name in values
          ? Promise.resolve(values[name])
          : Promise.reject(new FlowctlError("not_found", `no ${name}`, { hint: `set ${name}` })),
    },
  }) as never;
const deploymentOf = (env: object) => ({ secrets: [], flow_runner: { type: "docker", config: { env } } }) as never;

test("a secret stands in a runner's env by its name", () => {
  const env = { A: secret("TOKEN"), B: "text" };
  const spec = { A: { secret: "TOKEN" }, B: "text" };
  assert.deepEqual(new DockerFlowRunner({ env }).toSpec().config!.env, spec);
  assert.deepEqual(new SubprocessFlowRunner({ env }).toSpec().config!.env, spec);
});

test("what is no name of a secret is refused where it is written", () => {
  assert.throws(() => secret("a b"), /Cannot make secret\(\) with the name "a b": a secret's name has letters, digits/);
  assert.throws(() => new DockerFlowRunner({ env: { A: { secret: "a b" } } }), /env\.A\.secret: a secret's name/);
  assert.throws(() => new DockerFlowRunner({ env: { A: 5 as never } }), /env\.A: expected a text, or a secret's name/);
  const f = flow("f", () => {});
  assert.throws(
    () => new DeploymentSpec({ name: "d", flow: f, secrets: ["1"] }),
    /Cannot make deployment "d" with the name "1"/,
  );
  assert.throws(() => flow("g", () => {}, { secrets: ["1"] }), /Cannot make flow "g" with the name "1"/);
});

test("a deployment has the secrets of its flow, unless it names its own", () => {
  const f = flow("f", () => {}, { secrets: ["A"] });
  assert.deepEqual(new DeploymentSpec({ name: "d", flow: f }).secrets, ["A"]);
  assert.deepEqual(new DeploymentSpec({ name: "e", flow: f, secrets: ["B"] }).secrets, ["B"]);
});

test("in a run the runner's secrets are in the environment, and others are loaded; afterwards neither is", async () => {
  const env: Record<string, string | undefined> = {};
  const client = clientOf({ TOKEN: "value of token", KEY: "value of key" });
  const options = { client, deployment: deploymentOf({ A: { secret: "TOKEN" }, B: "b" }), env, clock: skippingClock() };
  {
    using _run = await openRunSecrets(options);
    assert.deepEqual(env, { A: "value of token" });
    const key = await Secret.load("KEY");
    assert.equal(key.get(), "value of key");
    assert.equal(
      `${key} ${JSON.stringify({ key })} ${inspect(key)}`,
      `******** {"key":"********"} Secret { name: 'KEY' }`,
    );
    await assert.rejects(Secret.load("GONE"), /^FlowctlError: no GONE\. set GONE$/);
    await assert.rejects(Secret.load("a b"), /a secret's name/);
  }
  assert.equal(secretMask.hide("value of token, value of key"), "********, ********");
  await assert.rejects(Secret.load("KEY"), /only runs of a deployment that names it may read it/);
});

test("a missing secret of the runner's env is one sentence with what to do", async () => {
  const options = { client: clientOf({}), deployment: deploymentOf({ A: { secret: "GONE" } }), env: {} };
  await assert.rejects(openRunSecrets({ ...options, clock: skippingClock() }), /^FlowctlError: no GONE\. set GONE$/);
});

test("a run that is executed without an agent has secrets from Prefect 1's variables, and a missing one says so", async () => {
  const refuse = (name: string) =>
    Promise.reject(new FlowctlError("forbidden", `Cannot read secret "${name}"`, { hint: "set a variable" }));
  const client = { secrets: { value: refuse } } as never;
  const env: Record<string, string | undefined> = { FLOWCTL__CONTEXT__SECRETS__TOKEN: "value at home" };
  const options = { client, env, deployment: deploymentOf({ A: { secret: "TOKEN" } }), clock: skippingClock() };
  using _run = await openRunSecrets(options);
  assert.equal(env.A, "value at home");
  assert.equal((await Secret.load("TOKEN")).get(), "value at home");
  await assert.rejects(Secret.load("OTHER"), /^FlowctlError: Cannot read secret "OTHER"\. set a variable$/);
});

test("outside of runs a secret comes from Prefect 1's variable", async () => {
  const name = "FLOWCTL__CONTEXT__SECRETS__LOCAL";
  process.env[name] = "value at home";
  try {
    assert.equal((await Secret.load("LOCAL")).get(), "value at home");
  } finally {
    delete process.env[name];
  }
});
