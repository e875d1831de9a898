/**
 * What an agent hides of a run's secrets.
 *
 * @module
 */

import assert from "node:assert/strict";
import { hiddenLine, hiddenLines, maskBeforeStart, maskOfLease } from "../../src/agent/run_secrets.ts";
import type { Client } from "../../src/client/client.ts";
import type { Lease } from "../../src/domain/agents.ts";
import { LONGEST_LINE_BYTES, type PrintedLine } from "../../src/runners/runner.ts";
import { FlowctlError, isFlowctlError } from "../../src/support/errors.ts";
import { markLine } from "../../src/support/log_marks.ts";
import { SecretMask } from "../../src/support/secret_mask.ts";
import { skippingClock } from "../testing/fake_clock.ts";
import { test } from "../testing/test.ts";

const VALUE = "open sesame";
const line = (text: string, stream: PrintedLine["stream"] = "stdout"): PrintedLine => ({
  stream,
  text,
  timestamp: "2026-11-21T22:33:58.000000001Z",
  ordinal: 0,
});

async function hidden(...lines: PrintedLine[]): Promise<string[]> {
  const all: string[] = [];
  const source = async function* () {
    yield* lines;
  };
  for await (const { text } of hiddenLines(source(), new SecretMask([VALUE]))) all.push(text);
  return all;
}

test("lines come without secrets, and their marks stay as they are", async () => {
  const mark = { sequence: 123456 };
  assert.deepEqual(await hidden(line(`say ${VALUE}`), line(markLine(`say ${VALUE}`, mark))), [
    "say ********",
    markLine("say ********", mark),
  ]);
  const { text } = hiddenLine(line(markLine("number 123456", mark)), new SecretMask(["123456"]));
  assert.equal(text, markLine("number ********", mark));
});

test("a secret that begins in one piece of an overlong line and ends in the next is hidden", async () => {
  const rest = "x".repeat(LONGEST_LINE_BYTES - 4);
  for (const at of [1, 4, VALUE.length - 1]) {
    const pieces = [
      line(rest + VALUE.slice(0, at)),
      line("other", "stderr"),
      line(VALUE.slice(at) + " end"),
      line("z"),
    ];
    const got = await hidden(...pieces);
    assert.ok(!got.join("").includes("sesame"), `cut at ${at}`);
    assert.deepEqual(got.at(-1), "z");
    assert.equal(got.filter((text) => text !== "other").join(""), `${rest}******** endz`);
  }
});

test("a line that ends as long as a piece can be is told whole", async () => {
  const rest = "x".repeat(LONGEST_LINE_BYTES);
  assert.equal((await hidden(line(rest))).join(""), rest);
});

const clientOf = (value: (name: string) => Promise<string>, deployment: object = {}) =>
  ({
    secrets: { value },
    flowRuns: { read: () => Promise.resolve({ deployment_id: "d" }) },
    deployments: { read: () => Promise.resolve({ secrets: ["A", "B"], flow_runner: null, ...deployment }) },
  }) as unknown as Client;

const starting = () => ({ clock: skippingClock(), random: () => 0, signal: new AbortController().signal });

test("before a start it is seen that all secrets are there, however long the API is away", async () => {
  let tries = 0;
  const client = clientOf((name) => {
    if (tries++ < 3) return Promise.reject(new FlowctlError("unavailable", "away"));
    return Promise.resolve(`value of ${name}`);
  });
  const deployment = { secrets: ["A"], flow_runner: { type: "subprocess", config: { env: { X: { secret: "B" } } } } };
  const { hide } = await maskBeforeStart(client, deployment as never, starting());
  assert.equal(hide("value of A, value of B"), "********, ********");

  const gone = clientOf(() => Promise.reject(new FlowctlError("not_found", "gone")));
  await assert.rejects(
    maskBeforeStart(gone, deployment as never, starting()),
    (error) => isFlowctlError(error, "not_found"),
  );
});

test("a run that is taken over is hidden what is still there, and an API that is away is an error", async () => {
  const client = clientOf((name) =>
    name === "A" ? Promise.reject(new FlowctlError("not_found", "gone")) : Promise.resolve("value of B")
  );
  const { hide } = await maskOfLease(client, { flow_run_id: "r" } as Lease);
  assert.equal(hide("value of B"), "********");
  const away = clientOf(() => Promise.reject(new FlowctlError("unavailable", "away")));
  await assert.rejects(
    maskOfLease(away, { flow_run_id: "r" } as Lease),
    (error) => isFlowctlError(error, "unavailable"),
  );
});
