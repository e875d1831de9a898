import assert from "node:assert/strict";
import type { VersionRow } from "../../src/domain/flow_views.ts";
import { withQuery } from "../../src/ui/address.ts";
import { durationBars, durationsInWords, secondsOf, type TimedRun } from "../../src/ui/duration_layout.ts";
import { chosenVersion, differences, imageName, shownVersion, versionChoices } from "../../src/ui/flow_versions.ts";
import { bytes } from "../../src/ui/format.ts";
import { runCommand } from "../../src/ui/run_command.ts";
import { test } from "../testing/test.ts";

const NOW = Date.parse("2026-11-21T22:33:58Z");

const run = (over: Partial<TimedRun> = {}): TimedRun => ({
  id: crypto.randomUUID(),
  name: "a",
  state_type: "COMPLETED",
  state_name: "Completed",
  start_time: "2026-11-21T22:33:00Z",
  end_time: "2026-11-21T22:33:10Z",
  total_run_time: 10,
  ...over,
});

const version = (over: Partial<VersionRow> = {}): VersionRow => ({
  id: "1",
  deployment_id: "d",
  deployment_name: "registered",
  number: 1,
  created: "2026-11-21T22:33:00Z",
  archived: null,
  is_latest: false,
  runner: "docker",
  image: null,
  storage: null,
  bundle_hash: null,
  entrypoint: null,
  flowctl_version: null,
  tasks: [],
  parameters: [],
  ...over,
});

test("a choice has one address: what is empty is not in it, what is not a choice stays", () => {
  assert.equal(withQuery("/flows?project=a&x=1", { project: "", search: "b c" }), "/flows?x=1&search=b+c");
  assert.equal(withQuery("/flows?project=a", { project: undefined }), "/flows");
  assert.equal(withQuery("/flows", { project: "ä&b" }), "/flows?project=%C3%A4%26b");
});

test("a run's length is what it ran, or what it runs by now", () => {
  assert.equal(secondsOf(run(), NOW), 10);
  assert.equal(secondsOf(run({ state_type: "RUNNING", end_time: null, total_run_time: 0 }), NOW), 58);
  assert.equal(secondsOf(run({ state_type: "PENDING", start_time: null, end_time: null, total_run_time: 0 }), NOW), 0);
  assert.equal(secondsOf(run({ state_type: "CRASHED", end_time: null, total_run_time: 0 }), NOW), 0);
});

test("bars stand at the right, the newest last, as high as their share of the longest, and none is too low to be seen", () => {
  const runs = [run({ name: "new", total_run_time: 20 }), run({ name: "old", total_run_time: 0.001 })];
  const layout = durationBars(runs, 4, NOW);
  assert.deepEqual(layout.bars.map((bar) => [bar.run.name, bar.x, bar.height]), [["old", 0.5, 0.06], ["new", 0.75, 1]]);
  assert.ok(layout.bars.every(({ x, width }) => x >= 0 && x + width <= 1));
  assert.equal(layout.longest, 20);
  assert.equal(durationBars(Array.from({ length: 9 }, () => run()), 4, NOW).bars.length, 4);
});

test("what is usual is the median of the runs that completed; the whole is told in words", () => {
  const runs = [
    run({ total_run_time: 4 }),
    run({ total_run_time: 2 }),
    run({ state_type: "FAILED", total_run_time: 99 }),
  ];
  const layout = durationBars(runs, 12, NOW);
  assert.equal(layout.median, 3);
  assert.equal(durationsInWords(layout), "3 runs: 1 failed, 2 completed; 3.0 s as a rule");
  assert.equal(durationsInWords(durationBars([], 12, NOW)), "No run yet");
  assert.equal(durationBars([run({ state_type: "FAILED" })], 12, NOW).median, undefined);
});

test("versions are called by number and latest; those of other deployments by their names, too", () => {
  const versions = [
    version({ id: "b", number: 2, is_latest: true }),
    version({ id: "a" }),
    version({ id: "n", deployment_name: "nightly", is_latest: true }),
  ];
  assert.deepEqual(versionChoices(versions).map(([, label]) => label), [
    "All versions",
    "Version 2 (latest)",
    "Version 1",
    "Version 1 of nightly (latest)",
  ]);
  assert.equal(chosenVersion(versions, "a")?.number, 1);
  assert.equal(chosenVersion(versions, "gone"), undefined);
  assert.equal(shownVersion(versions, undefined)?.id, "b");
  assert.equal(shownVersion([], undefined), undefined);
});

test("two versions are told apart by what differs, also when one has it and the other not", () => {
  const storage = {
    type: "docker",
    registry_url: "gcr.io/dev",
    image_name: "docker-1-flow",
    image_tag: "1",
    image_id: null,
    digest: null,
    path: "/flow.js",
  } as const;
  const one = version({ storage });
  assert.deepEqual(differences(one, one), []);
  assert.deepEqual(differences(one, version({ storage: { ...storage, image_tag: "2" }, tasks: ["a", "b"] })), [
    { name: "Tag", one: "1", other: "2" },
    { name: "Tasks", one: undefined, other: "a, b" },
  ]);
  assert.equal(imageName(storage), "gcr.io/dev/docker-1-flow:1");
  assert.equal(imageName({ ...storage, registry_url: null }), "docker-1-flow:1");
});

test("bytes are written in the unit that fits", () => {
  const texts = [0, 1023, 1024, 1536 * 1024, 2 ** 30 * 128, 2 ** 50].map(bytes);
  assert.deepEqual(texts, ["0 B", "1023 B", "1.0 KiB", "1.5 MiB", "128 GiB", "1024 TiB"]);
});

test("the command that runs a flow is that of its registration, else of a deployment, in words for a shell", () => {
  const flow = { id: "1", created: "", updated: "", name: "it's", tags: [], project: "my project" };
  const named = (name: string) => ({
    id: name,
    name,
    description: null,
    labels: [],
    runner: null,
    paused: false,
    schedules: 0,
    version: 1,
    label_warning: null,
  });
  const command = (...names: string[]) => runCommand({ flow, deployments: names.map(named) });
  assert.equal(command("a", "registered"), `flowctl run --name 'it'\\''s' --project 'my project'`);
  assert.equal(command("a"), `flowctl deployment run 'my project/it'\\''s/a'`);
  const plain = runCommand({ flow: { ...flow, name: "f", project: "default" }, deployments: [named("d")] });
  assert.equal(plain, "flowctl deployment run f/d");
  assert.equal(command(), undefined);
});
