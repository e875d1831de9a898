/**
 * What a pull tells the run that waits for it, and what is said when it fails.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Docker } from "../../src/docker/client.ts";
import type { ProgressEvent } from "../../src/docker/progress.ts";
import { ensureImage, type EnsureImageOptions } from "../../src/images/pull.ts";
import { PullProgress } from "../../src/images/pull_progress.ts";
import { FlowctlError } from "../../src/support/errors.ts";
import { silentLog } from "../../src/support/log.ts";
import { test } from "../testing/test.ts";

/** An engine that answers a pull with these documents. */
function engine(...events: (ProgressEvent & { error?: string })[]) {
  const sent: (string | null)[] = [];
  const fetch = (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const { pathname } = new URL(String(url));
    if (pathname === "/_ping") return Promise.resolve(new Response("OK", { headers: { "api-version": "1.41" } }));
    if (pathname.endsWith("/json")) {
      return Promise.resolve(Response.json({ Id: "sha256:0a", Os: "linux", Architecture: "amd64" }));
    }
    sent.push(new Headers(init?.headers).get("x-registry-auth"));
    return Promise.resolve(new Response(events.map((event) => JSON.stringify(event)).join("\n")));
  };
  return { docker: new Docker({ fetch }), sent };
}

async function pulled(docker: Docker, more: Partial<EnsureImageOptions> = {}): Promise<string[]> {
  const told: string[] = [];
  const tell = (line: string) => void told.push(line);
  await ensureImage({ docker, reference: "h:1/app:1", policy: "Always", log: silentLog, tell, ...more });
  return told;
}

test("a pull tells its begin, how far it is, what is tried again, and its end", async () => {
  const { docker } = engine(
    { id: "1", status: "Pulling from app" },
    { id: "a", status: "Already exists" },
    { id: "b", status: "Pulling fs layer" },
    { id: "b", status: "Downloading", progressDetail: { current: 1e6, total: 4e6 } },
    { id: "b", status: "Downloading", progressDetail: { current: 2e6, total: 4e6 } },
    { id: "b", status: "Retrying in 5 seconds" },
    { id: "b", status: "Retrying in 4 seconds" },
    { id: "b", status: "Pull complete" },
    { status: "Digest: sha256:0b" },
  );
  assert.deepEqual(await pulled(docker), [
    "Pulling image 'h:1/app:1'...",
    "Pulling image 'h:1/app:1': 1 of 2 layers, 1.0 of 4.0 MB",
    "Pulling image 'h:1/app:1': layer b failed and is tried again",
    "Pulled image 'h:1/app:1': sha256:0b",
  ]);
});

test("progress is counted also for layers whose size nobody told", () => {
  const progress = new PullProgress();
  assert.equal(progress.text, undefined);
  progress.add({ id: "a", status: "Waiting" });
  assert.equal(progress.text, "0 of 1 layer");
  progress.add({ id: "a", status: "Downloading", progressDetail: { current: 3_000_000 } });
  assert.equal(progress.text, "0 of 1 layer, 3.0 of 3.0 MB");
  progress.add({ id: "a", status: "Pull complete", progressDetail: {} });
  assert.equal(progress.text, "1 of 1 layer, 3.0 of 3.0 MB");
});

test("credentials are asked for by registry, sent with the pull, and told to nobody", async () => {
  const { docker, sent } = engine();
  const told = await pulled(docker, {
    credentials: (registry) => Promise.resolve({ username: "me", password: "sesame", serveraddress: registry }),
  });
  const auth = JSON.parse(atob(sent[0]!.replaceAll("-", "+").replaceAll("_", "/")));
  assert.deepEqual(auth, { username: "me", password: "sesame", serveraddress: "h:1" });
  assert.ok(!told.join().includes("sesame"));
});

test("credentials that can't be had are warned of, and the image is pulled without", async () => {
  const { docker, sent } = engine();
  const broken = () => Promise.reject(new FlowctlError("not_found", `Cannot run "docker-credential-x": it is gone`));
  const told = await pulled(docker, { credentials: broken });
  assert.equal(told[1], `Cannot run "docker-credential-x": it is gone. Image 'h:1/app:1' is pulled without a login`);
  assert.deepEqual(sent, [null]);
});

test("an error in the stream of a pull is thrown with the hint that fits", async () => {
  const login = () => Promise.resolve({ username: "me", password: "sesame" });
  const broken = () => Promise.reject(new FlowctlError("not_found", `Cannot run "docker-credential-x"`));
  const cases: [said: string, credentials: EnsureImageOptions["credentials"], hint: RegExp][] = [
    [
      "no basic auth credentials",
      undefined,
      /^If the image is there, .*: docker login h:1, or .*: flowctl registry login h:1$/,
    ],
    ["unauthorized: authentication required", login, /^The registry did not take the login .*: docker login h:1$/],
    ["no basic auth credentials", broken, /^Cannot run "docker-credential-x"; mend that, or .*: docker login h:1$/],
    ["no such host", login, /^Check the image's name/],
  ];
  for (const [said, credentials, expected] of cases) {
    const { docker } = engine({ status: "Pulling" }, { error: said });
    await assert.rejects(pulled(docker, { credentials }), (error: FlowctlError) => {
      assert.equal(error.message, `Cannot pull image "h:1/app:1": the engine says "${said}"`);
      assert.match(error.hint!, expected);
      return error.code === "unavailable";
    });
  }
});

test("who has a login is not told to the engine", async () => {
  const { docker, sent } = engine({ status: "Digest: sha256:0b" });
  const credentials = () => Promise.resolve({ username: "me", password: "x", from: "the API keeps" });
  await pulled(docker, { credentials });
  assert.deepEqual(JSON.parse(atob(sent[0]!.replaceAll("-", "+").replaceAll("_", "/"))), {
    username: "me",
    password: "x",
  });
});
