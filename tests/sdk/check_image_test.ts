import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { registerSdk } from "../../src/bundles/sdk_modules.ts";
import type { ImageQuestions } from "../../src/images/build/check_image.ts";
import { checkImageHere } from "../../src/sdk/check_image.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { runtimeTag } from "../../src/support/runtime.ts";
import { VERSION } from "../../src/support/version.ts";
import { testFolder } from "../testing/files.ts";
import { test } from "../testing/test.ts";

/** Asks what a build would ask, of a folder that stands for an image. */
function image() {
  const folder = testFolder();
  const at = (name: string) => join(folder.path, name);
  const file = (name: string, text: string) => {
    mkdirSync(join(at(name), ".."), { recursive: true });
    writeFileSync(at(name), text);
  };
  const ask = async (questions: Partial<ImageQuestions>) => {
    const all = { version: VERSION, runtime: runtimeTag, flows: {}, packages: [], folder: folder.path, files: [] };
    file("questions.json", JSON.stringify({ ...all, ...questions }));
    const lines: string[] = [];
    const isGood = await checkImageHere(at("questions.json"), (line) => lines.push(line));
    return { isGood, lines };
  };
  return { at, file, ask, [Symbol.dispose]: folder[Symbol.dispose] };
}

test("trap 11: another version or runtime in the image is a warning", async () => {
  using made = image();
  assert.deepEqual((await made.ask({})).lines[1], "System Version check: OK");
  const { isGood, lines } = await made.ask({ version: "9.9.9" });
  assert.equal(isGood, true);
  assert.match(lines[1], /^WARNING: The image has flowctl .* and was built for flowctl 9\.9\.9 with /);
});

test("files are to be where they were put, as what they were", async () => {
  using made = image();
  made.file("a.txt", "a");
  symlinkSync("a.txt", made.at("link"));
  const files: ImageQuestions["files"] = [
    { path: made.at("a.txt"), kind: "file" },
    { path: made.at("link"), kind: "link" },
  ];
  assert.equal((await made.ask({ files })).isGood, true);
  const gone: ImageQuestions["files"] = [{ path: made.at("gone"), kind: "file" }, {
    path: made.at("a.txt"),
    kind: "link",
  }];
  const { isGood, lines } = await made.ask({ files: gone });
  assert.equal(isGood, false);
  assert.equal(lines[2], `FAILED: File "${made.at("gone")}": it is not there`);
  assert.equal(lines[3], `FAILED: File "${made.at("a.txt")}": it is no link any more`);
});

test("packages are to import and flows to load; each that does not says why", async () => {
  using made = image();
  registerSdk({ flowctl: () => import("../../src/mod/mod.ts") });
  for (const [name, code] of [["good", "module.exports = 1;"], ["bad", `throw new Error("no library");`]]) {
    made.file(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
    made.file(`node_modules/${name}/index.js`, code);
  }
  made.file("flows/one.mjs", `import { flow } from "flowctl";\nflow("one", () => {});\n`);
  const flows = { one: made.at("flows/one.mjs"), two: made.at("flows/one.mjs"), three: made.at("flows/none.mjs") };
  const { isGood, lines } = await made.ask({ packages: ["good", "bad", "absent"], flows });
  assert.equal(isGood, false);
  const said = lines.join("\n");
  assert.match(said, /^Package "good" imports: OK$/m);
  assert.match(said, /^FAILED: Package "bad" does not import: .*no library/m);
  assert.match(said, /^FAILED: Package "absent" does not import: it is not in ".*node_modules"$/m);
  assert.match(said, /^Flow "one" loads: OK$/m);
  assert.match(said, /^FAILED: Flow "two" does not load: .* defines "one"$/m);
  assert.match(said, /^FAILED: Flow "three" does not load: .*there is no ".*none\.mjs" in the image$/m);
  assert.equal(lines.at(-1), "Health checks failed.");
});

test("what a build did not write is refused", async () => {
  await assert.rejects(checkImageHere("/no/such/file.json", () => {}), (error) => isFlowctlError(error, "invalid"));
});
