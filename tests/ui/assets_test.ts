import assert from "node:assert/strict";
import { buildAssets } from "../../src/ui/assets.ts";
import { answerAsset, answerPage, CONTENT_SECURITY_POLICY } from "../../src/ui/serve.ts";
import { test } from "../testing/test.ts";

const built = await buildAssets();
const read = () => Promise.resolve(built.assets);
const from = (path: string, headers: Record<string, string> = {}) =>
  new Request(`http://localhost${path}`, { headers });

test("the page is one text without scripts or styles of its own, and asks for files by their hashes", async () => {
  const answer = (await answerPage(from("/runs", { accept: "text/html,*/*" }), read))!;
  const text = await answer.text();
  assert.doesNotMatch(text, /<script(?![^>]* src="\/assets\/)|<style|style="|onclick/);
  const files = text.match(/\/assets\/[^"]+/g)!;
  assert.ok(files.length >= 3);
  for (const file of files) {
    assert.match(file, /^\/assets\/\w+-[0-9A-Z]{8}\.(js|css)$/);
    assert.equal((await answerAsset(from(file), read))!.status, 200);
  }
  assert.equal(answer.headers.get("content-security-policy"), CONTENT_SECURITY_POLICY);
  assert.doesNotMatch(CONTENT_SECURITY_POLICY, /unsafe|\*|https?:/);
});

test("files are sent as the browser can take them, and kept for ever", async () => {
  const name = [...built.assets.keys()].find((one) => one.endsWith(".css"))!;
  const bytes: number[] = [];
  for (const [accepts, encoding] of [["gzip, br", "br"], ["gzip", "gzip"], ["", null]] as const) {
    const answer = (await answerAsset(from(`/assets/${name}`, { "accept-encoding": accepts }), read))!;
    assert.equal(answer.headers.get("content-encoding"), encoding);
    assert.match(answer.headers.get("cache-control")!, /immutable/);
    bytes.push((await answer.arrayBuffer()).byteLength);
  }
  assert.ok(bytes[0] < bytes[2] / 2 && bytes[1] < bytes[2] / 2, String(bytes));
  assert.equal((await answerAsset(from("/assets/none.js"), read))!.status, 404);
  assert.equal(await answerAsset(from("/runs"), read), undefined);
  assert.equal(await answerPage(from("/nothing", { accept: "application/json" }), read), undefined);
});

test("browsers are sent no schemas and nothing that only servers have", () => {
  const known = /^src\/(ui|client|domain|support)\/|node_modules\/(@?preact|uplot|@dagrejs)/;
  assert.deepEqual(built.modules.filter((path) => !known.test(path)), []);
});
