import assert from "node:assert/strict";
import { chosenAfter, fit, fitting, grouped, itemOf } from "../../src/ui/palette.ts";
import { PATIENCE_MS, type Press, shortcutOf } from "../../src/ui/shortcuts.ts";
import { test } from "../testing/test.ts";

const item = (label: string, words = "") => ({ id: label, group: "Pages", label, icon: "dot", words });

test("a line fits when every word is in it, and stands higher when it begins so", () => {
  assert.equal(fit(item("Runs"), "run"), 0);
  assert.equal(fit(item("Show runs"), "run"), 1);
  assert.equal(fit(item("Overruns"), "run"), 2);
  assert.equal(fit(item("Switch between light and dark", "theme"), "theme dark"), 2);
  assert.equal(fit(item("Runs"), "flow"), undefined);
  assert.equal(fit(item("Runs"), "  "), 0);
  const items = [item("Overruns"), item("Show runs"), item("Agents"), item("Runs")];
  assert.deepEqual(fitting(items, "RUN").map(({ label }) => label), ["Runs", "Show runs", "Overruns"]);
  assert.deepEqual(fitting(items, ""), items);
});

test("a hit leads to its page, whatever its name holds", () => {
  const hit = { id: "id", name: "n", of: null, state_type: null, state_name: null };
  const href = (kind: Parameters<typeof itemOf>[0]["kind"], id = "id") => itemOf({ ...hit, kind, id }).href;
  assert.deepEqual(
    [href("flow"), href("deployment"), href("flow_run"), href("task_run"), href("agent"), href("project", "a/b ?c")],
    ["/flows/id", "/deployments/id", "/flow-runs/id", "/task-runs/id", "/agents/id", "/projects/a%2Fb%20%3Fc"],
  );
  assert.deepEqual(itemOf({ ...hit, kind: "flow_run", state_type: "RUNNING", state_name: "Running" }).state, {
    type: "RUNNING",
    name: "Running",
  });
  assert.equal(itemOf({ ...hit, kind: "flow" }).state, undefined);
});

test("arrows go round, pages do not, other keys choose nothing", () => {
  assert.deepEqual(["ArrowDown", "ArrowUp", "PageDown", "PageUp", "a"].map((key) => chosenAfter(key, 0, 3)), [
    1,
    2,
    2,
    0,
    undefined,
  ]);
  assert.equal(chosenAfter("ArrowDown", 2, 3), 0);
  assert.equal(chosenAfter("ArrowDown", 0, 0), undefined);
});

test("lines stand under their headings, in the order of the headings", () => {
  const lines = [{ ...item("a"), group: "One" }, { ...item("b"), group: "Two" }, { ...item("c"), group: "One" }];
  assert.deepEqual(grouped(lines).map(({ group, items }) => [group, items.map(({ label }) => label)]), [
    ["One", ["a", "c"]],
    ["Two", ["b"]],
  ]);
});

test("keys mean something only when nobody is typing, but the palette's always", () => {
  const press = (more: Partial<Press>): Press => ({
    key: "x",
    ctrl: false,
    meta: false,
    alt: false,
    at: 0,
    typing: false,
    ...more,
  });
  for (const typing of [true, false]) {
    assert.deepEqual(shortcutOf(press({ key: "k", ctrl: true, typing })), { kind: "palette" });
    assert.deepEqual(shortcutOf(press({ key: "K", meta: true, typing })), { kind: "palette" });
  }
  assert.deepEqual(shortcutOf(press({ key: "/" })), { kind: "search" });
  assert.deepEqual(shortcutOf(press({ key: "?" })), { kind: "help" });
  assert.equal(shortcutOf(press({ key: "g" })), "wait");
  assert.deepEqual(shortcutOf(press({ key: "r", at: PATIENCE_MS }), 0), { kind: "go", key: "r" });
  assert.equal(shortcutOf(press({ key: "r", at: PATIENCE_MS + 1 }), 0), undefined);
  assert.equal(shortcutOf(press({ key: "r" })), undefined);
  for (const key of ["/", "?", "g"]) {
    assert.equal(shortcutOf(press({ key, typing: true })), undefined);
    assert.equal(shortcutOf(press({ key, ctrl: true })), undefined);
    assert.equal(shortcutOf(press({ key, alt: true })), undefined);
  }
  assert.equal(shortcutOf(press({ key: "r", typing: true, at: 1 }), 0), undefined);
});
