import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  activeProfile,
  changeProfiles,
  checkProfileName,
  profilesFile,
  readProfiles,
  setProfileValues,
} from "../../src/config/profiles.ts";
import { checkSetting, readSettings } from "../../src/config/settings.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { test } from "../testing/test.ts";

/** A home that goes with its test; it does not exist at first. */
function aHome(): Disposable & { home: string; env: { FLOWCTL_HOME: string } } {
  const folder = mkdtempSync(join(tmpdir(), "flowctl-test-"));
  const home = join(folder, "home");
  const env = { FLOWCTL_HOME: home };
  return { home, env, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

const coded = (code: "invalid" | "not_found", message: RegExp) => (error: unknown) =>
  isFlowctlError(error, code) && message.test(error.message);

test("a fresh home has the profile default, active and empty, and reading it writes nothing", () => {
  using at = aHome();
  assert.deepEqual(readProfiles(at.home), { active: "default", profiles: { default: {} } });
  assert.deepEqual(activeProfile(at.env), { name: "default", values: {} });
  assert.throws(() => statSync(at.home));
});

test("values are kept in a file that only its owner may read, also when it was open before", async () => {
  using at = aHome();
  assert.equal(
    await setProfileValues({ FLOWCTL_API_URL: "https://flow.example/api", FLOWCTL_API_KEY: "k" }, at.env),
    "default",
  );
  assert.equal(statSync(profilesFile(at.home)).mode & 0o777, 0o600);
  chmodSync(profilesFile(at.home), 0o644);
  await setProfileValues({ FLOWCTL_API_KEY: undefined }, at.env);
  assert.equal(statSync(profilesFile(at.home)).mode & 0o777, 0o600);
  assert.deepEqual(activeProfile(at.env).values, { FLOWCTL_API_URL: "https://flow.example/api" });
});

test("changes made at once are all there, and no half-written file is left", async () => {
  using at = aHome();
  await Promise.all(Array.from({ length: 12 }, (_, n) =>
    changeProfiles(at.home, ({ profiles }) => {
      profiles[`p${n}`] = {};
    })));
  assert.equal(Object.keys(readProfiles(at.home).profiles).length, 13);
  assert.deepEqual(readdirSync(at.home).sort(), ["profiles.json", "profiles.lock"]);
});

test("a change that throws changes nothing", async () => {
  using at = aHome();
  await setProfileValues({ FLOWCTL_LOG_LEVEL: "DEBUG" }, at.env);
  const before = readFileSync(profilesFile(at.home), "utf8");
  await assert.rejects(changeProfiles(at.home, (all) => {
    all.active = "other";
    throw new Error("no");
  }));
  assert.equal(readFileSync(profilesFile(at.home), "utf8"), before);
});

test("FLOWCTL_PROFILE names the profile that is read and changed", async () => {
  using at = aHome();
  await changeProfiles(at.home, ({ profiles }) => void (profiles.work = {}));
  const env = { ...at.env, FLOWCTL_PROFILE: "work" };
  assert.equal(await setProfileValues({ FLOWCTL_LOG_LEVEL: "ERROR" }, env), "work");
  assert.equal(readSettings(env).logLevel, "ERROR");
  assert.equal(readSettings(at.env).logLevel, "INFO");
  assert.throws(() => activeProfile({ ...at.env, FLOWCTL_PROFILE: "nobody" }), coded("not_found", /"nobody"/));
});

test("a damaged file is named in one sentence", async () => {
  using at = aHome();
  await setProfileValues({}, at.env);
  for (const text of ["{", "[]", `{"active":"default","profiles":{"default":{"a":1}}}`, `{"active":1,"profiles":{}}`]) {
    writeFileSync(profilesFile(at.home), text);
    assert.throws(() => readProfiles(at.home), coded("invalid", /profiles\.json": they are damaged$/), text);
  }
});

test("names that would be paths or the prototype are refused", () => {
  for (const name of ["", "../x", "a/b", "__proto__", "a b", "-x"]) {
    assert.throws(() => checkProfileName(name), coded("invalid", /Cannot use profile name/), name);
  }
  checkProfileName("work-2.eu");
});

test("the environment goes before the profile, and the profile before the default", () => {
  const profile = { FLOWCTL_LOG_LEVEL: "ERROR", FLOWCTL_KEEP_CONTAINERS: "7" };
  const settings = readSettings({ FLOWCTL_HOME: "/h", FLOWCTL_LOG_LEVEL: "debug" }, profile);
  assert.deepEqual([settings.logLevel, settings.keepContainers, settings.stopGraceSeconds], ["DEBUG", 7, 10]);
});

test("the profile's address counts for the backend cloud only, which is the default once there is one", () => {
  const kept = { FLOWCTL_API_URL: "https://flow.example", FLOWCTL_API_KEY: "k" };
  const read = (env: Record<string, string>, profile: Record<string, string>) => {
    const { backend, apiUrl, apiKey } = readSettings({ FLOWCTL_HOME: "/h", ...env }, profile);
    return [backend, apiUrl, apiKey];
  };
  const url = "https://flow.example/api";
  assert.deepEqual(read({}, kept), ["cloud", url, "k"]);
  assert.deepEqual(read({}, { ...kept, FLOWCTL_BACKEND: "cloud" }), ["cloud", url, "k"]);
  assert.deepEqual(read({}, { ...kept, FLOWCTL_BACKEND: "server" }), ["server", undefined, undefined]);
  assert.deepEqual(read({}, { ...kept, FLOWCTL_BACKEND: "ephemeral" }), ["ephemeral", undefined, undefined]);
  assert.deepEqual(read({ FLOWCTL_BACKEND: "cloud" }, { ...kept, FLOWCTL_BACKEND: "server" }), ["cloud", url, "k"]);
  assert.deepEqual(read({}, {}), [undefined, undefined, undefined]);
});

test("the profile's key goes to the profile's address and nowhere else", () => {
  const kept = { FLOWCTL_API_URL: "https://flow.example/api", FLOWCTL_API_KEY: "k" };
  const key = (env: Record<string, string>) => readSettings({ FLOWCTL_HOME: "/h", ...env }, kept).apiKey;
  assert.equal(key({ FLOWCTL_API_URL: "https://flow.example/api/" }), "k");
  assert.equal(key({ FLOWCTL_API_URL: "https://evil.example/api" }), undefined);
  assert.equal(key({ FLOWCTL_API_URL: "http://flow.example/api" }), undefined);
  assert.equal(key({ FLOWCTL_BACKEND: "server" }), undefined);
  assert.equal(key({ FLOWCTL_API_URL: "https://evil.example/api", FLOWCTL_API_KEY: "own" }), "own");
});

test("only what is a setting, and not the environment's alone, can be kept", () => {
  assert.equal(checkSetting("FLOWCTL_ORION_HOST", "http://127.0.0.1:4200"), "FLOWCTL_API_URL");
  assert.throws(() => checkSetting("FLOWCTL_HOME", "/x"), coded("invalid", /only the environment/));
  assert.throws(() => checkSetting("FLOWCTL_NOTHING", "1"), coded("not_found", /no setting has that name/));
  assert.throws(() => checkSetting("FLOWCTL_BACKEND", "clown"), coded("invalid", /one of server, cloud, ephemeral/));
  assert.throws(
    () => checkSetting("FLOWCTL_API_KEY", "se cret"),
    (error) => isFlowctlError(error, "invalid") && !error.message.includes("cret"),
  );
});
