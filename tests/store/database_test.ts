import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { APPLICATION_ID, migrate, MIGRATIONS } from "../../src/store/migrations/mod.ts";
import { type Change, openStore } from "../../src/store/database.ts";
import { createFlow, listFlows } from "../../src/store/flows.ts";
import { queryAll } from "../../src/store/connection.ts";
import { systemClock } from "../../src/support/clock.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { selfCommand } from "../../src/support/runtime.ts";
import { testFolder } from "../testing/files.ts";
import { test } from "../testing/test.ts";

const open = (path: string) => openStore({ path, clock: systemClock });
const flowNamed = (name: string) => ({ name, tags: [], project: "default" });
const tick = () => new Promise((resolve) => setTimeout(resolve, 5));
const run = (file: string, argument: string): ChildProcess => {
  const [command, ...args] = selfCommand(fileURLToPath(new URL(`./fixtures/${file}`, import.meta.url)));
  return spawn(command, [...args, argument], { stdio: ["pipe", "pipe", "inherit"] });
};
const refusal = async (path: string): Promise<string> => {
  try {
    await (await open(path)).close();
  } catch (error) {
    assert.ok(isFlowctlError(error), String(error));
    return error.message;
  }
  return assert.fail("it was opened");
};

test("a fresh home is open to its owner only, files and folder", async () => {
  using folder = testFolder();
  const path = join(folder.path, "home", "flowctl.db");
  const store = await open(path);
  await store.write((tx) => createFlow(tx, flowNamed("a"), systemClock.now()));
  assert.equal(statSync(join(folder.path, "home")).mode & 0o777, 0o700);
  const files = readdirSync(join(folder.path, "home"));
  assert.deepEqual(files.sort(), ["flowctl.db", "flowctl.db-shm", "flowctl.db-wal"]);
  for (const file of files) assert.equal(statSync(join(folder.path, "home", file)).mode & 0o777, 0o600, file);
  await store.close();
});

test("a database that others could read is closed to them when it is opened", async () => {
  using folder = testFolder();
  const path = join(folder.path, "flowctl.db");
  await (await open(path)).close();
  chmodSync(path, 0o644);
  await (await open(path)).close();
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("the pragmas that make a commit durable are in force", async () => {
  const store = await open(":memory:");
  const pragma = (name: string) =>
    store.write(async (tx) => Object.values((await queryAll<Record<string, unknown>>(tx, `PRAGMA ${name}`, []))[0])[0]);
  assert.equal(await pragma("journal_mode"), "wal");
  assert.equal(await pragma("synchronous"), 2);
  assert.equal(await pragma("foreign_keys"), 1);
  assert.equal(await pragma("busy_timeout"), 10);
  await store.close();
});

test("a temporary store leaves nothing behind", async () => {
  const store = await open(":memory:");
  const [{ file }] = await queryAll<{ file: string }>(store.read, "SELECT file FROM pragma_database_list", []);
  assert.ok(existsSync(file));
  await store.close();
  assert.ok(!existsSync(file));
});

test("a database of a newer flowctl is refused in one sentence", async () => {
  using folder = testFolder();
  const path = join(folder.path, "flowctl.db");
  await (await open(path)).close();
  const db = new DatabaseSync(path);
  db.exec("PRAGMA user_version=99");
  db.close();
  assert.equal(
    await refusal(path),
    `Cannot open database "${path}": a newer flowctl made it (schema 99, this one knows ${MIGRATIONS.length})`,
  );
});

test("a database of another program is refused and left as it is", async () => {
  using folder = testFolder();
  const path = join(folder.path, "other.db");
  const db = new DatabaseSync(path);
  db.exec("CREATE TABLE theirs (a)");
  db.close();
  const before = readFileSync(path);
  assert.equal(await refusal(path), `Cannot open database "${path}": it belongs to another program`);
  assert.deepEqual(readFileSync(path), before);
});

test("a file that is no database, a folder and a path through a file are refused in one sentence each", async () => {
  using folder = testFolder({ "text.db": "this is a text and not a database, however long it may be".repeat(100) });
  const text = join(folder.path, "text.db");
  assert.equal(await refusal(text), `Cannot open database "${text}": it is not a database`);
  mkdirSync(join(folder.path, "a.db"));
  assert.equal(await refusal(join(folder.path, "a.db")), `Cannot open database "${folder.path}/a.db": it is a folder`);
  const through = join(text, "flowctl.db");
  assert.equal(await refusal(through), `Cannot open database "${through}": a part of its path is no folder`);
});

test("a damaged database is refused in one sentence", async () => {
  using folder = testFolder();
  const path = join(folder.path, "flowctl.db");
  await (await open(path)).close();
  const bytes = readFileSync(path);
  bytes.fill(0xff, 100, 4096);
  writeFileSync(path, bytes);
  assert.equal(await refusal(path), `Cannot open database "${path}": it is damaged`);
});

test("a migration of a file with data keeps a copy first, and a failing one changes nothing", () => {
  using folder = testFolder();
  const path = join(folder.path, "flowctl.db");
  const db = new DatabaseSync(path);
  const now = Temporal.Instant.from("2026-11-21T22:33:58Z");
  const first = "CREATE TABLE a (x); INSERT INTO a VALUES (1)";
  migrate(db, path, now, [first]);
  assert.deepEqual(readdirSync(folder.path), ["flowctl.db"]);
  assert.throws(() => migrate(db, path, now, [first, "CREATE TABLE b (x); CREATE TABLE b (x)"]), /already exists/);
  assert.equal(db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'b'").get()?.n, 0);
  assert.equal(db.prepare("PRAGMA user_version").get()?.user_version, 1);
  migrate(db, path, now, [first, "UPDATE a SET x = 2"]);
  assert.equal(db.prepare("SELECT x FROM a").get()?.x, 2);
  assert.equal(db.prepare("PRAGMA application_id").get()?.application_id, APPLICATION_ID);
  db.close();
  const copy = join(folder.path, "flowctl.db.v1-20261121T223358Z");
  assert.equal(statSync(copy).mode & 0o777, 0o600);
  const kept = new DatabaseSync(copy);
  assert.equal(kept.prepare("SELECT x FROM a").get()?.x, 1);
  kept.close();
});

test("a file that is made now has no copies beside it, however many migrations there are", () => {
  using folder = testFolder();
  const path = join(folder.path, "flowctl.db");
  const db = new DatabaseSync(path);
  migrate(db, path, Temporal.Instant.from("2026-11-21T22:33:58Z"), ["CREATE TABLE a (x)", "CREATE TABLE b (x)"]);
  assert.equal(db.prepare("PRAGMA user_version").get()?.user_version, 2);
  db.close();
  assert.deepEqual(readdirSync(folder.path), ["flowctl.db"]);
});

test("of the writes of one turn the one that throws is undone alone, and its announcements are forgotten", async () => {
  const store = await open(":memory:");
  const heard: Change[] = [];
  const unsubscribe = store.changes.subscribe((change) => heard.push(change));
  const write = (name: string, fails = false) =>
    store.write(async (tx) => {
      const { flow } = await createFlow(tx, flowNamed(name), systemClock.now());
      tx.announce({ kind: "deployment", id: name });
      if (fails) throw new Error("no");
      return flow.name;
    });
  const results = await Promise.allSettled([write("a"), write("b", true), write("c")]);
  assert.deepEqual(results.map((result) => result.status), ["fulfilled", "rejected", "fulfilled"]);
  assert.deepEqual((await listFlows(store.read, {})).map((flow) => flow.name), ["a", "c"]);
  assert.deepEqual(heard.filter(({ kind }) => kind === "deployment"), [
    { kind: "deployment", id: "a" },
    { kind: "deployment", id: "c" },
  ]);
  unsubscribe();
  await store.close();
});

test("a write is answered after its commit and not before", async () => {
  const store = await open(":memory:");
  let committed = false;
  const unsubscribe = store.changes.subscribe(() => committed = true);
  const writing = store.write(async (tx) => {
    await createFlow(tx, flowNamed("a"), systemClock.now());
    tx.announce({ kind: "deployment", id: "a" });
    assert.equal((await listFlows(store.read, {})).length, 0, "readers see it before the commit");
  });
  await writing;
  await Promise.resolve();
  assert.ok(committed);
  assert.equal((await listFlows(store.read, {})).length, 1);
  unsubscribe();
  await store.close();
});

test("the reading connection cannot write, and the writing one only inside of a write", async () => {
  const store = await open(":memory:");
  await assert.rejects(createFlow(store.read as never, flowNamed("a"), systemClock.now()), /readonly/i);
  let leaked: unknown;
  await store.write((tx) => Promise.resolve(void (leaked = tx)));
  await assert.rejects(listFlows(leaked as never, {}), /no write is under way/);
  await store.close();
});

test("closing finishes the writes that were asked for and refuses later ones", async () => {
  using folder = testFolder();
  const path = join(folder.path, "flowctl.db");
  const store = await open(path);
  const writing = store.write((tx) => createFlow(tx, flowNamed("a"), systemClock.now()));
  await store.close();
  assert.ok((await writing).created);
  await assert.rejects(store.write(() => Promise.resolve()), /closed/);
  const again = await open(path);
  assert.equal((await listFlows(again.read, {})).length, 1);
  await again.close();
});

test("two stores on one file write at once, nobody sees a lock, and each hears that the other committed", async () => {
  using folder = testFolder();
  const path = join(folder.path, "flowctl.db");
  const [one, two] = [await open(path), await open(path)];
  const heard = { one: 0, two: 0 };
  const ends = [
    one.changes.subscribe((change) => void (change.kind === "elsewhere" && heard.one++)),
    two.changes.subscribe((change) => void (change.kind === "elsewhere" && heard.two++)),
  ];
  const many = (store: typeof one, who: string) =>
    Promise.all(Array.from({ length: 4 }, async (_, writer) => {
      for (let i = 0; i < 25; i++) {
        await store.write((tx) => createFlow(tx, flowNamed(`${who}-${writer}-${i}`), systemClock.now()));
      }
    }));
  await Promise.all([many(one, "one"), many(two, "two")]);
  assert.equal((await queryAll(one.read, "SELECT 1 FROM flow", [])).length, 200);
  while (heard.one === 0 || heard.two === 0) await tick();
  for (const end of ends) end();
  await Promise.all([one.close(), two.close()]);
});

test("a commit of this process is not heard as one from elsewhere", async () => {
  using folder = testFolder();
  const path = join(folder.path, "flowctl.db");
  const [one, two] = [await open(path), await open(path)];
  const heard: Change[] = [];
  let elsewhere = 0;
  const ends = [
    one.changes.subscribe((change) => heard.push(change)),
    two.changes.subscribe((change) => void (change.kind === "elsewhere" && elsewhere++)),
  ];
  for (let round = 1; round <= 2; round++) {
    await one.write((tx) => createFlow(tx, flowNamed(`${round}`), systemClock.now()));
    // The other one has looked: this one, whose looks began before, has too.
    while (elsewhere < round) await tick();
  }
  assert.deepEqual(heard.map(({ kind }) => kind), ["flow", "flow"]);
  for (const end of ends) end();
  await Promise.all([one.close(), two.close()]);
});

test("a write waits for another program's lock without stopping the event loop", async () => {
  using folder = testFolder();
  const path = join(folder.path, "flowctl.db");
  const store = await open(path);
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  let done = false;
  const writing = store.write((tx) => createFlow(tx, flowNamed("a"), systemClock.now())).then(() => done = true);
  for (let turns = 0; turns < 5; turns++) await tick();
  assert.equal(done, false);
  other.exec("COMMIT");
  await writing;
  other.close();
  await store.close();
});

test("processes that open the same new file at once all work", async () => {
  using folder = testFolder();
  const path = join(folder.path, "home", "flowctl.db");
  const children = [1, 2, 3, 4].map(() => run("opener.ts", path));
  const outputs = children.map((child) => child.stdout!.toArray());
  for (const child of children) child.stdin!.end("go\n");
  await Promise.all(children.map((child) => once(child, "exit")));
  for (const output of outputs) assert.equal((await output).join("").trim(), "done");
  const store = await open(path);
  assert.equal((await listFlows(store.read, {})).length, 4);
  await store.close();
});

test("what was acknowledged is there after the writing process was killed", async () => {
  using folder = testFolder();
  const path = join(folder.path, "flowctl.db");
  for (let round = 0; round < 2; round++) {
    const child = run("acknowledging_writer.ts", path);
    let text = "";
    child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (text.split("\n").length > 100) child.kill("SIGKILL");
    });
    await Promise.all([once(child, "exit"), once(child.stdout!, "close")]);
    const acknowledged = text.split("\n").slice(0, -1);
    assert.ok(acknowledged.length >= 100);
    const store = await open(path);
    const stored = new Set((await queryAll<{ id: string }>(store.read, "SELECT id FROM flow", [])).map(({ id }) => id));
    assert.deepEqual(acknowledged.filter((id) => !stored.has(id)), []);
    const [{ integrity_check: check }] = await queryAll<Record<string, string>>(
      store.read,
      "PRAGMA integrity_check",
      [],
    );
    assert.equal(check, "ok");
    await store.close();
  }
});
